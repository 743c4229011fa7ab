import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localTime } from '../workflows/engine/legal-clock.ts';
import { Person } from './person.ts';
import { LaunchError } from './trouble.ts';

/** The folder of the sample application that the demo files. */
const sampleFolder = fileURLToPath(new URL('../samples/construction-permit/', import.meta.url));

/** Where the walk goes on. */
export interface Walk {
  publicUrl: string;
  treasuryUrl: string;
  /** Where the signed permit is put for the reader. */
  folder: string;
  print: (line: string) => void;
}

interface View {
  state: { code: number };
  outcome: string | null;
  dueAt: string | null;
  documents: { id: string; document: string; registerNumber: string | null }[];
}

/** Reads the application of a folder of samples; its papers lie beside it. */
export async function readApplication(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, 'application.json'), 'utf8')) as Record<string, unknown>;
}

/** Takes one real permit through everybody's hands, as they would do it over HTTP; gives the case code and the PDF's path. */
export async function walkPermit({
  publicUrl,
  treasuryUrl,
  folder,
  print,
}: Walk): Promise<{ code: string; pdf: string }> {
  const as = (sub: string) => Person.signIn(publicUrl, sub);
  const [citizen, reception, specialist, head, leader, clerk] = await Promise.all([
    as('an'),
    ...['reception', 'specialist', 'head', 'leader', 'clerk'].map((role) => as(`vungtau.${role}`)),
  ] as [
    Promise<Person>,
    Promise<Person>,
    Promise<Person>,
    Promise<Person>,
    Promise<Person>,
    Promise<Person>,
  ]);

  const code = await citizen.file(sampleFolder, await readApplication(sampleFolder));
  print(`citizen: filed ${code} with its papers`);
  await reception.complete(code, 'acceptance', { decision: 'accept' });
  const accepted = (await citizen.until(code, (view: View) => view.dueAt !== null)) as View;
  print(`reception: accepted; the result is due ${localTime(accepted.dueAt ?? '')}`);
  await specialist.complete(code, 'appraisal', {
    conclusion: 'eligible',
    reasons: 'Hồ sơ phù hợp quy hoạch.',
  });
  print('specialist: appraised, eligible');
  await payFee(code, citizen, treasuryUrl);
  print('citizen: paid the fee at the treasury');
  await specialist.complete(code, 'draft', { outcome: 'grant', reasons: 'Hồ sơ đủ điều kiện.' });
  print('specialist: drafted the permit');
  await head.complete(code, 'review', { decision: 'approve' });
  print('head: reviewed');
  await leader.complete(code, 'approval', { decision: 'approve' });
  print('leader: approved');
  await clerk.complete(code, 'registration', { registered: true });
  const view = (await citizen.until(code, (seen: View) => seen.outcome !== null)) as View;
  const permit = view.documents.find(({ document }) => document === 'permit');
  if (!permit)
    throw new LaunchError(
      `The case ${code} ended as ${view.outcome} without a permit; see ${publicUrl}/temporal`,
    );
  print(`clerk: registered ${permit.registerNumber}, signed and sealed`);

  const answer = await citizen.get(`/api/v1/documents/${permit.id}`);
  await mkdir(folder, { recursive: true });
  const pdf = join(folder, `${code}.pdf`);
  await writeFile(pdf, answer.body as Buffer);
  return { code, pdf };
}

/** Pays as the citizen's bank would: the treasury then tells Motcua. */
async function payFee(code: string, citizen: Person, treasuryUrl: string): Promise<void> {
  await citizen.until(code, (view: View) => view.state.code === 6);
  const reference = code.replaceAll(/[^A-Z0-9]/g, '');
  for (let tries = 0; tries < 100; tries++) {
    const paid = await fetch(`${treasuryUrl}/payment-orders/${reference}/pay`, { method: 'POST' });
    if (paid.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new LaunchError(`The treasury never got the order of payment ${reference}; see its log`);
}
