import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, required, variables } from './config.ts';

/** What an operator reads when the process does not start. */
function complaint(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'it starts';
}

describe('the configuration', () => {
  it('is documented to the last variable, and nothing is documented that does not exist', () => {
    const page = readFileSync('docs/operating.md', 'utf8');
    const documented = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);
    expect(documented.toSorted()).toEqual(variables.toSorted());
  });

  it('documents the default of every variable that has one', () => {
    const page = readFileSync('docs/operating.md', 'utf8');
    const defaults = Object.entries(readConfig({})).filter(([name]) => variables.includes(name));
    for (const [name, value] of defaults) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
      const shown = row?.split('|')[2]?.trim();
      expect(`${name} ${shown}`).toBe(`${name} \`${typeof value === 'boolean' ? Number(value) : value}\``);
    }
  });

  it.each([
    ['PORT', 'eighty', 'a port number'],
    ['PORT', '70000', '1 to 65535'],
    ['POSTGRES_PORT', '0', '1 to 65535'],
    ['TEMPORAL_PORT', '-1', '1 to 65535'],
    ['TEMPORAL_UI_PORT', '1e9', '1 to 65535'],
    ['PUBLIC_URL', 'motcua.vn', 'an http:// or https:// address'],
    ['OIDC_ISSUER', 'ldap://directory', 'an http:// or https:// address'],
    ['TEMPORAL_ADDRESS', 'http://temporal:7233', 'host:port'],
    ['OBJECT_STORE_URL', 's3://bucket', 'a file:// address'],
    ['LOG_LEVEL', 'loud', '"debug"'],
    ['ALLOW_NETWORK', 'perhaps', '"true"'],
  ])('says what is wrong with %s=%s in one line', (name, value, allowed) => {
    const line = complaint({ [name]: value });
    expect(line).toContain(`${name} is "${value}"; allowed: `);
    expect(line).toContain(allowed);
    expect(line).not.toContain('\n');
  });

  it.each([
    ['MASTER_KEY', 'c2hvcnQga2V5', '32 bytes in base64'],
    ['SESSION_SECRET', 'a short secret', 'at least 32 characters'],
    ['OIDC_CLIENT_SECRET', 'hunter2', '8 characters'],
    ['DATABASE_URL', 'mysql://motcua:hunter2@database/motcua', 'a postgres:// address'],
  ])('never shows the value of %s', (name, value, allowed) => {
    const line = complaint({ [name]: value });
    expect(line).toContain(`${name} is a value not shown here; allowed: `);
    expect(line).toContain(allowed);
    expect(line).not.toContain(value);
  });

  it('tells of every mistake at once', () => {
    expect(complaint({ PORT: 'x', LOG_LEVEL: 'y' })).toMatch(/PORT is "x".*; LOG_LEVEL is "y"/);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', TREASURY_URL: '' }).publicUrl).toBe('http://127.0.0.1:8080');
  });

  it('names the variable that a process cannot do without', () => {
    expect(() => required(readConfig({}), 'MASTER_KEY')).toThrow('MASTER_KEY is not set');
  });
});
