import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fhirAnswers, type FhirAnswers } from './fhir-answers.ts';
import { installed, provideFhir, run, work } from './tools.ts';

/** Breaks an answer in one place. */
type Forgery = (resource: Record<string, unknown>) => Record<string, unknown>;

/** Ways to break what was answered, each of which the validator must notice. */
const forgeries: Record<string, [of: string, Forgery]> = {
  'a code that there is not': ['Observation 0', (resource) => ({ ...resource, status: 'done' })],
  'an element that there is not': ['Observation 0', (resource) => ({ ...resource, colour: 'red' })],
  'a date that is none': [
    'Immunization 0',
    (resource) => ({ ...resource, occurrenceDateTime: '2021-13-40' }),
  ],
  'a missing patient': ['AllergyIntolerance 0', ({ patient: _patient, ...resource }) => resource],
  'a section without anything': [
    'Composition 0',
    (resource) => ({ ...resource, section: [{ title: 'Dị ứng' }] }),
  ],
  'a document that does not begin with its composition': [
    'document for its citizen',
    ({ entry, ...resource }) => ({ ...resource, entry: [...(entry as unknown[])].reverse() }),
  ],
  'a search set with a request': [
    'search Patient',
    (resource) => ({ ...resource, entry: [{ request: { method: 'GET', url: 'Patient' } }] }),
  ],
};

/**
 * Lets HL7's own validator judge every kind of answer of `/fhir`, and forgeries of them.
 *
 * @returns what is wrong: nothing when it accepts every answer and refuses every forgery
 */
export async function judgeFhir(): Promise<string[]> {
  await provideFhir();
  const answers = await fhirAnswers();
  const forged = Object.fromEntries(
    Object.entries(forgeries).map(([name, [of, forge]]) => {
      const answer = answers[of];
      if (answer === undefined) throw new Error(`/fhir was not asked for "${of}"`);
      return [name, JSON.stringify(forge(JSON.parse(answer) as Record<string, unknown>))];
    }),
  );
  console.log(`Asking HL7's FHIR validator about ${Object.keys(answers).length} answers …`);
  const verdicts = await validate({ ...answers, ...forged });
  console.table(
    Object.fromEntries(
      Object.keys({ ...answers, ...forged }).map((name) => [
        name,
        {
          verdict: verdicts.get(name) === 'accepted' ? 'accepted' : 'refused',
          expected: name in forged ? 'refused' : 'accepted',
        },
      ]),
    ),
  );
  return [
    ...Object.keys(answers).flatMap((name) => {
      const said = verdicts.get(name) ?? 'nothing';
      return said === 'accepted' ? [] : [`HL7's FHIR validator on ${name}: ${said}`];
    }),
    ...Object.keys(forged).flatMap((name) =>
      verdicts.get(name) === 'accepted' ? [`HL7's FHIR validator accepts ${name}`] : [],
    ),
  ];
}

/** Validates all of them in one run; gives what was said of each. */
async function validate(resources: FhirAnswers): Promise<Map<string, string>> {
  const folder = join(work, 'fhir-answers');
  await mkdir(folder, { recursive: true });
  const names = Object.keys(resources);
  const files = names.map((_name, index) => join(folder, `${index}.json`));
  await Promise.all(names.map((name, index) => writeFile(files[index]!, resources[name]!)));
  const program = ['-cp', join(installed.fhir, '*'), installed.fhirProgram];
  const { stdout } = await run('java', [...program, ...files], { maxBuffer: 1 << 26 });
  const said = new Map(
    stdout.split('\n').flatMap((line) => {
      const [file = '', ...words] = line.split('\t');
      return words.length > 0 ? [[file, words.join(' ')] as const] : [];
    }),
  );
  return new Map(names.map((name, index) => [name, said.get(files[index]!) ?? 'nothing']));
}

/** `tsx scripts/validate/fhir.ts` judges these alone. */
async function main(): Promise<void> {
  await mkdir(work, { recursive: true });
  const wrong = await judgeFhir();
  for (const line of wrong) console.error(line);
  if (wrong.length === 0) console.log('Every answer of /fhir passed, and every forgery was noticed.');
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
