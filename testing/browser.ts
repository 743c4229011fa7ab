import { existsSync } from 'node:fs';

/** Where a Chromium or Chrome is: CHROMIUM, or where Debian puts it (`apt-get install chromium`). */
export const browserPath = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);

/** What the name of a story says that needs a browser where there is none. */
export const without = browserPath
  ? ''
  : ' (not run: no Chromium was found; apt-get install chromium, or set CHROMIUM)';

/** What a browser is started with so that it does nothing of its own; as root it has no sandbox. */
export const browserArguments = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
