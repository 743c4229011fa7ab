import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { freePort } from '../embedded/ports.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { sampleCity } from '../embedded/samples.ts';
import { until } from '../embedded/waiting.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase } from '../records/db.ts';

/*
 * Proves sign-in, step-up and back-channel logout against a real Keycloak, with the sample realm of docs/keycloak.md and
 * nothing but configuration: `tsx scripts/keycloak-check.ts <unpacked Keycloak>`. It needs Java, and is no part of the tests.
 */

const home = process.argv[2];
if (!home) throw new Error('say where Keycloak is unpacked: tsx scripts/keycloak-check.ts <folder>');
const folder = mkdtempSync(join(tmpdir(), 'motcua-keycloak-'));
const started: ChildProcess[] = [];
const random = () => randomBytes(32).toString('base64');
const [keycloakPort, motcuaPort] = [await freePort(), await freePort()];
const keycloak = `http://127.0.0.1:${keycloakPort}`;
const motcua = `http://127.0.0.1:${motcuaPort}`;
const issuer = `${keycloak}/realms/motcua`;

/** Starts a program that writes to a file of the folder, and ends it with this one. */
function start(name: string, command: string, args: string[], env: NodeJS.ProcessEnv): void {
  const log = openSync(join(folder, `${name}.log`), 'w');
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  started.push(child);
}

function stopAll(): void {
  for (const { pid } of started) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

const answers = (address: string) => async () => (await fetch(address).catch(() => undefined))?.ok === true;

function startKeycloak(): void {
  const realm = readFileSync(new URL('../samples/keycloak/motcua-realm.json', import.meta.url), 'utf8');
  mkdirSync(join(home!, 'data', 'import'), { recursive: true });
  writeFileSync(
    join(home!, 'data', 'import', 'motcua-realm.json'),
    realm.replaceAll('http://127.0.0.1:8080', motcua),
  );
  const args = ['start-dev', '--db', 'dev-mem', '--http-host', '127.0.0.1', '--import-realm'];
  start('keycloak', join(home!, 'bin', 'kc.sh'), [...args, '--http-port', String(keycloakPort)], {
    KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
    KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
    JAVA_OPTS: '-Xms64m -Xmx700m',
  });
}

function startMotcua(databaseUrl: string): void {
  start('motcua', process.execPath, ['--import', 'tsx', 'api/server.ts'], {
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    PORT: String(motcuaPort),
    MASTER_KEY: random(),
    ISSUER_KEY: random(),
    SESSION_SECRET: random(),
    // From here on it is what docs/keycloak.md says.
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_SECRET: 'change-this-secret',
    OIDC_CLAIMS: '{ "roles": "resource_access.motcua.roles" }',
    OIDC_STEP_UP_ACR: 'otp',
  });
}

interface Page {
  url: string;
  status: number;
  text: string;
}

/** A browser without scripts that keeps cookies of both sides and follows redirects. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async go(url: string, init: RequestInit = {}): Promise<Page> {
    const site = new URL(url).host;
    const mine = [...this.#cookies].filter(([name]) => name.startsWith(`${site} `));
    const cookie = mine.map(([name, value]) => `${name.slice(site.length + 1)}=${value}`).join('; ');
    const headers = { cookie, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
    const response = await fetch(url, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
      redirect: 'manual',
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(`${site} ${name}`, value);
    }
    const location = response.headers.get('location');
    if (location !== null) return this.go(new URL(location, url).href);
    return { url, status: response.status, text: await response.text() };
  }

  /** Fills in the one form of a page of Keycloak. */
  fill({ text, url }: Page, fields: Record<string, string>): Promise<Page> {
    const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    if (!action) throw new Error(`there is no form at ${new URL(url).pathname}`);
    return this.go(action, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async me(): Promise<Record<string, unknown> & { stepUp?: { fresh: boolean } }> {
    const { text } = await this.go(`${motcua}/api/v1/me`, { headers: { accept: 'application/json' } });
    return JSON.parse(text) as Record<string, unknown>;
  }
}

/** A one-time code of the sample people (RFC 6238). */
function oneTimeCode(secret = 'motcua-sample-otp-20'): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const code = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(code % 1_000_000).padStart(6, '0');
}

/** Ends every session of a person at Keycloak, as its administrator does. */
async function signOutAtKeycloak(username: string): Promise<void> {
  const grant = {
    grant_type: 'password',
    client_id: 'admin-cli',
    username: 'admin',
    password: 'admin',
  };
  const granted = await fetch(`${keycloak}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(grant),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const users = `${keycloak}/admin/realms/motcua/users`;
  const found = (await (await fetch(`${users}?username=${username}`, { headers })).json()) as {
    id: string;
  }[];
  await fetch(`${users}/${found[0]?.id}/logout`, { method: 'POST', headers });
}

const told: string[] = [];
/** Says what was seen; anything else than what was expected ends the check. */
function see(what: string, seen: unknown, expected: unknown): void {
  const line = `${what}: ${JSON.stringify(seen)}`;
  if (JSON.stringify(seen) !== JSON.stringify(expected))
    throw new Error(`${line}, expected ${JSON.stringify(expected)}`);
  told.push(line);
  console.log(`✓ ${line}`);
}

const postgres = await startPostgres({ dataDir: join(folder, 'data'), port: 0, durable: false });
try {
  startKeycloak();
  const db = openDatabase(postgres.url, 1);
  await migrate(db);
  await applyCity(db, sampleCity(), systemClock.now());
  await db.destroy();
  await until(answers(`${issuer}/.well-known/openid-configuration`), 300_000);
  startMotcua(postgres.url);
  await until(answers(`${motcua}/readyz`), 60_000);

  const browser = new Browser();
  const signIn = await browser.go(`${motcua}/signin?return=/api/v1/me`);
  const landed = await browser.fill(signIn, { username: 'vungtau.leader', password: 'motcua' });
  const me = JSON.parse(landed.text) as Record<string, unknown>;
  see(
    'signed in',
    [me['name'], me['roles'], me['agency'], me['title']],
    ['Vũ Thanh Sơn', ['leader'], 'H29.16', 'Chủ tịch'],
  );
  see('may sign after a password alone', (await browser.me()).stepUp?.fresh, false);

  const other = await browser.go(`${motcua}/signin/step-up?return=/api/v1/me`);
  see('Keycloak knows whom we ask for', other.text.includes('vungtau.leader'), true);
  const second = await browser.fill(other, { username: 'vungtau.leader', password: 'motcua' });
  const proved = await browser.fill(second, { otp: oneTimeCode() });
  see('back where the person was', new URL(proved.url).pathname, '/api/v1/me');
  see('may sign after the one-time code', (await browser.me()).stepUp?.fresh, true);

  await signOutAtKeycloak('vungtau.leader');
  let after: Record<string, unknown> = {};
  await until(async () => (after = await browser.me())['status'] === 401, 15_000);
  see('after the sign-out at Keycloak', [after['status'], after['type']], [401, '/problems/session-ended']);
  console.log(`Keycloak works by configuration only: ${told.length} things seen.`);
} finally {
  stopAll();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
