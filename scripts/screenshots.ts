import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { readConfig } from '../config.ts';
import { browserArguments, browserPath } from '../testing/browser.ts';

/**
 * `npm run screenshots -- <case code>`: makes the pictures of docs/images from a running Motcua and a decided case:
 * the permit as a reader sees it, and the case in the Temporal UI as a signed-in admin sees it.
 */
const code = process.argv[2];
const { publicUrl, dataDir } = readConfig();
if (!code || !browserPath) {
  console.error(code ? 'No Chromium was found; set CHROMIUM' : 'Name the code of a decided case');
  process.exit(1);
}

const images = join(import.meta.dirname, '..', 'docs', 'images');
execFileSync('pdftoppm', [
  '-r',
  '80',
  '-png',
  '-f',
  '1',
  '-l',
  '1',
  '-singlefile',
  join(dataDir, 'results', `${code}.pdf`),
  join(images, 'permit'),
]);

const profile = mkdtempSync(join(tmpdir(), 'motcua-browser-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: browserPath,
  args: browserArguments,
  viewport: { width: 1400, height: 1320 },
});
try {
  const page = await context.newPage();
  await page.goto(`${publicUrl}/signin?return=/temporal`);
  await page.getByText('admin').first().click();
  await page.waitForURL(/temporal/);
  await page.goto(`${publicUrl}/temporal/namespaces/default/workflows/${code}`);
  await page.getByText('issue permit').first().waitFor();
  await page.screenshot({ path: join(images, 'temporal-ui.png') });
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
