import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openKeystore, readSigner } from '../../activities/documents/keystore.ts';
import { createRenderer, type DocumentRequest } from '../../activities/documents/render.ts';
import { sampleRequests } from '../../activities/documents/samples.ts';
import { createSigning, type Signatory, type SignedPdf } from '../../activities/documents/signing.ts';
import { systemClock as clock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import type { KeyKind } from '../../embedded/pki.ts';
import { certificatesIn } from '../../records/certificates.ts';
import { openSampleAuthority, type SampleAuthority } from '../../testing/authority.ts';
import { makePkcs12 } from '../../testing/pkcs12.ts';
import { makeSoftToken, missingForTokens } from '../../testing/softhsm.ts';
import { augmentUnasked, forgedAttachment, forgedText } from './forgeries.ts';
import { run, work } from './tools.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const agencyName = 'Ủy ban nhân dân phường Vũng Tàu';
const kinds: KeyKind[] = ['P-384', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'RSA-PSS-3072'];
const leader = { sub: 'vungtau.leader', name: 'Vũ Thanh Sơn', title: 'Chủ tịch', agencyName };
const seal = { code: 'H29.16', name: agencyName };
const others = kinds.map((key) => ({ ...leader, sub: key, key }));
const people = [leader, ...others];
const log = createLogger('validate', 'error');

/** Files to be judged, by what they show. */
export interface Documents {
  /** Must be accepted by every validator. */
  genuine: Record<string, string>;
  /** Each with the validators that must refuse it. */
  forged: Record<string, { file: string; refusedBy: string[] }>;
  /** Path of the root certificate, PEM. */
  root: string;
}

/**
 * Signs every template with its sample data to B-LTA, one of them in the other ways that lead there, and makes forgeries of
 * that one. When it returns, the trust services have stopped: nobody can ask them.
 */
export async function makeDocuments(): Promise<Documents> {
  const folder = join(work, 'pki');
  const authority = await openSampleAuthority({ folder, people, agencies: [seal], clock });
  try {
    const genuine = await signGenuine(folder, authority);
    const forged = await forge(folder, authority, Object.values(genuine)[0]!);
    return { genuine, forged, root: join(folder, 'root.pem') };
  } finally {
    await authority.close();
  }
}

async function signGenuine(folder: string, authority: SampleAuthority): Promise<Record<string, string>> {
  const signing = createSigning(authority.services, clock, log);
  const files: Record<string, string> = {};
  const keep = async (name: string, { pdf, level }: SignedPdf) => {
    if (level !== 'B-LTA') throw new Error(`${name} has only reached ${level}`);
    files[name] = await write(name, pdf);
  };
  const requests = sampleRequests(templates);
  for (const request of requests)
    await keep(request.name, await signing.sign(await render(request), await parties(folder)));

  const [first] = requests;
  const base = await render(first!);
  await keep('renewed', await signing.augment((await signing.sign(base, await parties(folder))).pdf));
  for (const service of ['timestamps', 'ocsp'] as const) {
    await authority.down(service);
    const incomplete = await signing.sign(base, await parties(folder));
    await authority.down();
    await keep(`signed without ${service}`, await signing.augment(incomplete.pdf));
  }
  for (const { sub } of others) {
    const [person, agency] = await parties(folder, sub);
    await keep(`a key of ${sub}`, await signing.sign(base, [person!, agency!]));
  }
  for (const [name, description] of Object.entries(await describedKeys(folder))) {
    await writeFile(join(folder, 'people', `${leader.sub}.json`), JSON.stringify(description));
    await keep(name, await signing.sign(base, await parties(folder)));
    await rm(join(folder, 'people', `${leader.sub}.json`));
  }
  const [person, agency] = await parties(folder, 'RSA-3072');
  const pem = await readFile(join(folder, 'people', 'RSA-3072.pem'), 'utf8');
  const signer = readSigner(pem, 'RSA-3072.pem', 'pss');
  await keep('PSS by a plain RSA key', await signing.sign(base, [{ ...person!, signer }, agency!]));
  return files;
}

/** The leader's key where officers have theirs: in a PKCS#12 file, and in a token where there can be one. */
async function describedKeys(folder: string): Promise<Record<string, object>> {
  const inPeople = (name: string) => join(folder, 'people', name);
  const pem = await readFile(inPeople(`${leader.sub}.pem`), 'utf8');
  await writeFile(inPeople('leader.p12'), await makePkcs12(pem, 'open sesame'));
  await writeFile(inPeople('password'), 'open sesame');
  const inFile = { kind: 'pkcs12', file: 'leader.p12', password: { file: 'password' } };
  const missing = missingForTokens();
  if (missing) {
    console.log(`No document is signed by a key in a token: ${missing}`);
    return { 'a key in a PKCS#12 file': inFile };
  }
  const token = makeSoftToken(folder);
  token.hold('leader', pem, certificatesIn(pem));
  await writeFile(inPeople('pin'), token.pin);
  const inToken = { kind: 'pkcs11', module: token.module, token: token.label, key: 'leader' };
  return {
    'a key in a PKCS#12 file': inFile,
    'a key in a token': { ...inToken, pin: { file: 'pin' } },
  };
}

async function forge(
  folder: string,
  authority: SampleAuthority,
  genuine: string,
): Promise<Documents['forged']> {
  const original = await readFile(genuine);
  const flipped = Buffer.from(original);
  const at = flipped.indexOf('stream\n') + 200;
  flipped[at]! ^= 1;
  const rewritten = join(work, 'forged.rewritten.pdf');
  await run('qpdf', ['--object-streams=disable', '--linearize', genuine, rewritten]);

  const [person, agency] = await parties(folder);
  await authority.revoke('people', leader.sub);
  // Revocations and timestamps say seconds: what is stamped in the same one may be of before.
  await sleep(1_100);
  await authority.down('ocsp');
  const signing = createSigning(authority.services, clock, log);
  const [first] = sampleRequests(templates);
  const { pdf } = await signing.sign(await render(first!), [person!, agency!]);
  await authority.down();
  const revoked = await augmentUnasked(pdf, folder, authority);

  const all = ['DSS: LTA', 'pyHanko: LTA', 'pdfsig', 'ours'];
  return {
    'a flipped byte': { file: await write('forged.flipped', flipped), refusedBy: all },
    'a rewrite': { file: rewritten, refusedBy: all },
    'text added later': {
      file: await write('forged.text', forgedText(original)),
      refusedBy: ['DSS: LTA', 'pyHanko: LTA', 'ours'],
    },
    'a swapped attachment': {
      file: await write('forged.attachment', forgedAttachment(original)),
      refusedBy: ['pyHanko: LTA', 'ours'],
    },
    'a revoked signer': {
      file: await write('forged.revoked', revoked),
      refusedBy: ['DSS: LTA', 'pyHanko: LTA'],
    },
  };
}

/** Now, because pdfsig judges certificates by this machine's time. */
const now = () => clock.now();

function render(request: DocumentRequest): Promise<Uint8Array> {
  const stamps = request.stamps.map((each) => ({ ...each, at: now() }));
  return createRenderer(templates).render({ ...request, at: now(), stamps });
}

async function parties(folder: string, sub = leader.sub): Promise<Signatory[]> {
  const keystore = openKeystore(folder);
  const at = now();
  return [
    { signer: await keystore.person(sub), reason: 'Ký duyệt', at, name: leader.name },
    { signer: await keystore.seal(seal.code), reason: 'Đóng dấu cơ quan', at, name: seal.name },
  ];
}

async function write(name: string, pdf: Uint8Array): Promise<string> {
  const file = join(work, `${name.replaceAll(/[/ ]/g, '.')}.pdf`);
  await writeFile(file, pdf);
  return file;
}
