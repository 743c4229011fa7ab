import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { readConfig } from '../config.ts';
import { Person } from '../embedded/person.ts';
import { browserArguments, browserPath } from '../testing/browser.ts';

/**
 * `npm run screenshots -- <case code>`: makes the pictures of docs/images from a running Motcua and a decided case: the permit
 * as a reader sees it, the case in the Temporal UI as a signed-in admin sees it, and ten pages as people meet them.
 */
const code = process.argv[2];
const { publicUrl, dataDir } = readConfig();
if (!code || !browserPath) {
  console.error(code ? 'No Chromium was found; set CHROMIUM' : 'Name the code of a decided case');
  process.exit(1);
}

const images = join(import.meta.dirname, '..', 'docs', 'images');
mkdirSync(join(images, 'pages'), { recursive: true });
const firstPage = ['-r', '80', '-png', '-f', '1', '-l', '1', '-singlefile'];
execFileSync('pdftoppm', [...firstPage, join(dataDir, 'results', `${code}.pdf`), join(images, 'permit')]);

const browser = await chromium.launch({ executablePath: browserPath, args: browserArguments });
try {
  await temporalUi(browser);
  await pages(browser);
} finally {
  await browser.close();
}

async function temporalUi(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1320 } });
  await page.goto(`${publicUrl}/signin?return=/temporal`);
  await page.getByText('admin').first().click();
  await page.waitForURL(/temporal/);
  await page.goto(`${publicUrl}/temporal/namespaces/default/workflows/${code}`);
  await page.getByText('issue permit').first().waitFor();
  await page.screenshot({ path: join(images, 'temporal-ui.png') });
}

/** Ten main pages, each as whoever uses it: in Vietnamese at a desk, in English on a phone. */
async function pages(browser: Browser): Promise<void> {
  const citizen = await as(browser, 'an', 'vi', 1280);
  const phone = await as(browser, 'an', 'en', 390);
  const officer = await as(browser, 'vungtau.reception', 'vi', 1280);
  const admin = await as(browser, 'admin', 'en', 1280);
  const reception = await Person.signIn(publicUrl, 'vungtau.reception');
  const waiting = (await reception.get('/api/v1/tasks?name=acceptance')).body as { items: { id: string }[] };

  await picture(citizen, '/', 'start');
  await picture(citizen, '/procedures/1.013225', 'procedure');
  await citizen.goto(`${publicUrl}/procedures/1.013225/apply`);
  await citizen.getByRole('button', { name: 'Bắt đầu hồ sơ mới' }).click();
  const draft = new URL(citizen.url()).pathname;
  await picture(citizen, draft, 'application');
  await picture(phone, `${draft}/applicant`, 'questions-phone');
  await picture(citizen, `${draft}/papers`, 'papers');
  await picture(phone, `/cases/${code}`, 'case-phone');
  await picture(officer, '/inbox', 'inbox');
  const [task] = waiting.items;
  if (task) await picture(officer, `/tasks/${task.id}`, 'task');
  await picture(officer, `/cases/${code}`, 'case-officer');
  await picture(admin, '/admin', 'administration');
}

async function as(browser: Browser, sub: string, language: 'vi' | 'en', width: number): Promise<Page> {
  const token = (await (await fetch(`${publicUrl}/dev-idp/token/${sub}`)).text()).trim();
  return browser.newPage({
    viewport: { width, height: width < 600 ? 844 : 900 },
    locale: language === 'vi' ? 'vi-VN' : 'en-GB',
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
}

async function picture(page: Page, path: string, name: string): Promise<void> {
  await page.goto(`${publicUrl}${path}`);
  await page.screenshot({ path: join(images, 'pages', `${name}.png`) });
}
