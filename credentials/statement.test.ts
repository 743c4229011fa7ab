import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { openIssuer, type Issuer } from './issuer.ts';
import { stateDocument } from './statement.ts';

/** What the page of verification runs in the browser. */
interface Page {
  verifyStatement(address: string, keys: JWK[]): Promise<{ verdict: string; id: string; claims: object }>;
  isHolder(statement: object, name: string): Promise<boolean>;
}
const pageScript = new URL('../templates/pages/statement.js', import.meta.url).href;

const permit = {
  id: '3f2b1c4d-1111-4222-8333-444455556666',
  number: '01/GPXD-UBND',
  title: 'Giấy phép xây dựng',
  agency: 'Ủy ban nhân dân phường Vũng Tàu',
  signatory: 'Nguyễn Thị Bình',
  holder: 'Đỗ Hoà An',
  at: new Date('2026-11-23T03:00:00Z'),
};
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const open = (environment: NodeJS.ProcessEnv) =>
  openIssuer(readConfig({ PUBLIC_URL: 'https://motcua.test', ...environment }));
const addressOf = (statement: string) => `https://motcua.test/verify/${permit.id}#${statement}`;

let page: Page;
let issuer: Issuer;
let statement: string;
beforeAll(async () => {
  page = (await import(pageScript)) as Page;
  issuer = await open({ ISSUER_KEY: keyOf(8) });
  statement = await stateDocument(issuer, permit);
});

describe('the statement in a QR code', () => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-issuer-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is refused when a letter of it was changed', async () => {
    const [header = '', payload = '', signature = ''] = statement.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...claims, num: '02/GPXD-UBND' })).toString('base64url');
    expect(await page.verifyStatement(addressOf(`${header}.${changed}.${signature}`), issuer.keys)).toEqual({
      verdict: 'forged',
    });
  });

  it('is refused when somebody else has signed it', async () => {
    const forger = await open({ ISSUER_KEY: keyOf(9) });
    const forged = await stateDocument(forger, permit);
    expect(await page.verifyStatement(addressOf(forged), issuer.keys)).toEqual({ verdict: 'forged' });
  });

  it.each([
    ['an address without a statement', `https://motcua.test/verify/${permit.id}`],
    ['the code of a case', 'H29.16-261122-0001'],
    ['a statement that was cut off', addressOf('eyJhbGciOiJFUzI1NiJ9.eyJkb2MiOiJ')],
    ['another kind of signed thing', addressOf('eyJhbGciOiJFUzI1NiJ9.eyJ2Y3QiOiJhIn0.AAAA')],
  ])('is not read from %s', async (_what, address) => {
    expect(await page.verifyStatement(address, issuer.keys)).toEqual({ verdict: 'unreadable' });
  });

  it('says without a server what the document is, and nothing about its holder in clear', async () => {
    const { verdict, id, claims } = await page.verifyStatement(addressOf(statement), issuer.keys);
    expect({ verdict, id }).toEqual({ verdict: 'genuine', id: permit.id });
    expect(claims).toEqual({
      iat: Date.parse('2026-11-23T03:00:00Z') / 1000,
      num: '01/GPXD-UBND',
      doc: 'Giấy phép xây dựng',
      org: 'Ủy ban nhân dân phường Vũng Tàu',
      sig: 'Nguyễn Thị Bình',
      who: expect.stringMatching(/^[\w-]{11}$/) as string,
    });
  });

  it('tells whether the name on the paper is the right one, however it is typed', async () => {
    const genuine = await page.verifyStatement(addressOf(statement), issuer.keys);
    for (const name of ['Đỗ Hoà An', 'ĐỖ HÒA AN', '  do hoa  an ', 'Đỗ Hòa An'.normalize('NFD')])
      expect(await page.isHolder(genuine, name), name).toBe(true);
    for (const name of ['Đỗ Hoà Anh', 'An', '']) expect(await page.isHolder(genuine, name), name).toBe(false);
  });

  it('does not carry over to the paper of somebody else by exchanging the id in the address', async () => {
    const other = addressOf(statement).replace('3f2b1c4d', 'aaaaaaaa');
    expect(await page.isHolder(await page.verifyStatement(other, issuer.keys), permit.holder)).toBe(false);
  });

  it('stays good after the key was changed, as long as the earlier key is published', async () => {
    const file = join(folder, 'earlier.json');
    writeFileSync(file, JSON.stringify({ keys: issuer.keys }));
    const later = await open({ ISSUER_KEY: keyOf(10), ISSUER_EARLIER_KEYS: file });
    expect(await page.verifyStatement(addressOf(statement), later.keys)).toMatchObject({
      verdict: 'genuine',
    });
    const without = await open({ ISSUER_KEY: keyOf(10) });
    expect(await page.verifyStatement(addressOf(statement), without.keys)).toEqual({ verdict: 'forged' });
  });

  it('needs a key of P-256 and, if any, a readable file of earlier ones', async () => {
    await expect(open({})).rejects.toThrow('ISSUER_KEY is not set');
    await expect(open({ ISSUER_KEY: keyOf(255) })).rejects.toThrow('ISSUER_KEY is no key of P-256');
    const file = join(folder, 'none.json');
    await expect(open({ ISSUER_KEY: keyOf(8), ISSUER_EARLIER_KEYS: file })).rejects.toThrow(
      /^ISSUER_EARLIER_KEYS is ".+none\.json"; allowed: a JWKS of P-256 keys/,
    );
  });
});
