import { mkdir, rm } from 'node:fs/promises';
import { judgeCredential } from './credential.ts';
import { makeDocuments, type Documents } from './documents.ts';
import { judgeFhir } from './fhir.ts';
import { provideValidators, work } from './tools.ts';
import { validators, type Verdicts } from './validators.ts';

/**
 * What is known of a verdict. EN 319 142-1 takes a document timestamp in the place of a signature
 * timestamp; pyHanko 0.38 wants one in each signature. The library behind pdfsig 22.12 reads no keys that are bound to PSS.
 */
const known: Record<string, Record<string, string>> = {
  'signed without timestamps': {
    'pyHanko: LTA': 'AdESIndeterminate.SIG_CONSTRAINTS_FAILURE · FORM_FILLING',
  },
  'a key of RSA-PSS-3072': { pdfsig: '1 valid and trusted' },
  // Printed on demand, and entered nowhere.
  'letters/form-06': { 'QR code': 'no statement' },
  'letters/form-07': { 'QR code': 'no statement' },
  'letters/english-extract': { 'QR code': 'no statement' },
};

/**
 * Signs every template with its sample data and lets validators that are not ours judge the results, with nobody on the
 * network to ask: veraPDF (PDF/A-3a, PDF/UA-1), EU DSS and pyHanko (PAdES-B-LTA), poppler's pdfsig, qpdf; ZXing reads the QR code. Then forgeries,
 * each of which must be refused by those who can notice it. Then HL7's validator on every kind of answer of `/fhir`. Prints tables; exits 1 when a verdict is not the expected one.
 */
async function main(): Promise<number> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await provideValidators();
  const documents = await makeDocuments();
  const verdicts = await judgeAll(documents);
  const wrong = [
    ...wronglyRefused(documents, verdicts),
    ...wronglyAccepted(documents, verdicts),
    ...(await judgeCredential()),
    ...(await judgeFhir()),
  ];
  for (const line of wrong) console.error(line);
  const count = Object.keys(documents.genuine).length;
  if (wrong.length === 0) console.log(`All ${count} documents passed, and every forgery was noticed.`);
  return wrong.length === 0 ? 0 : 1;
}

/** Asks every validator about every file. */
async function judgeAll({ genuine, forged, root }: Documents): Promise<Record<string, Verdicts>> {
  const files = [...Object.values(genuine), ...Object.values(forged).map(({ file }) => file)];
  const verdicts: Record<string, Verdicts> = {};
  for (const [name, ask] of Object.entries(validators)) {
    console.log(`Asking ${name} …`);
    verdicts[name] = await ask(files, root);
  }
  return verdicts;
}

function wronglyRefused({ genuine }: Documents, verdicts: Record<string, Verdicts>): string[] {
  const isKnown = (name: string, validator: string, said: string) => known[name]?.[validator] === said;
  const verdictOn = (name: string, validator: string, said = 'nothing') =>
    said === 'accepted' ? 'pass' : isKnown(name, validator, said) ? 'known' : `FAIL: ${said}`;
  const table = Object.fromEntries(
    Object.entries(genuine).map(([name, file]) => [
      name,
      Object.fromEntries(
        Object.entries(verdicts).map(([validator, said]) => [
          validator,
          verdictOn(name, validator, said.get(file)),
        ]),
      ),
    ]),
  );
  console.table(mapValues(table, (row) => mapValues(row, (verdict) => verdict.slice(0, 5))));
  return Object.entries(table).flatMap(([name, row]) =>
    Object.entries(row).flatMap(([validator, verdict]) =>
      verdict.startsWith('FAIL') ? [`${validator} on ${name}: ${verdict}`] : [],
    ),
  );
}

function wronglyAccepted({ forged }: Documents, verdicts: Record<string, Verdicts>): string[] {
  const refuses = (validator: string, file: string) => verdicts[validator]?.get(file) !== 'accepted';
  const table = mapValues(forged, ({ file, refusedBy }) =>
    Object.fromEntries(
      refusedBy.map((validator) => [validator, refuses(validator, file) ? 'refuses' : 'ACCEPTS']),
    ),
  );
  console.table(table);
  return Object.entries(forged).flatMap(([name, { file, refusedBy }]) =>
    refusedBy
      .filter((validator) => !refuses(validator, file))
      .map((validator) => `${validator} accepts ${name}`),
  );
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
