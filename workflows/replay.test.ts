import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { bundleWorkflows } from '../bundle.ts';
import { textOf } from '../testing/histories.ts';
import { procedures } from './catalogue.ts';
import { withoutPersonal } from './engine/form.ts';
import {
  proceduresFolder,
  readHistories,
  replay,
  replayable,
  summarize,
  type Replayed,
} from './histories.ts';

const histories = readHistories();

async function all(results: AsyncIterable<Replayed>): Promise<Replayed[]> {
  const found: Replayed[] = [];
  for await (const result of results) found.push(result);
  return found;
}

describe('the recorded histories', () => {
  it('replay against this code', async () => {
    const results = await all(replay(readFileSync(inject('bundlePath'), 'utf8'), replayable(histories)));
    expect(results.filter(({ problem }) => problem)).toEqual([]);
    const permits = ['granted', 'supplemented', 'refused-after-silence', 'withdrawn', 'consulted'];
    const births = ['granted', 'late-and-silent', 'corrected', 'refused'];
    expect(results.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...permits.map((name) => `construction-permit/${name}`),
        ...births.map((name) => `birth-registration/${name}`),
        ...['complete', 'in-part'].map((name) => `linked-birth/${name}`),
        ...['granted', 'refused-by-silence'].map((name) => `child-residence/${name}`),
        ...['granted', 'refused'].map((name) => `child-health-card/${name}`),
        ...['kept-and-erased', 'kept-and-erased-1-before', 'not-reviewed'].map(
          (name) => `health-record/${name}`,
        ),
        ...['withdrawn', 'never-confirmed', 'expired', 'refused'].map((name) => `health-consent/${name}`),
      ]),
    );
  });

  it('tell a developer which story has changed, and why', async () => {
    const changed = fileURLToPath(new URL('../testing/changed-permit.ts', import.meta.url));
    const permits = histories.filter(({ name }) => name.startsWith('construction-permit/'));
    const results = await all(
      replay(await bundleWorkflows(changed, [changed], 'clear'), replayable(permits)),
    );
    const [summary, first] = summarize(results);
    expect(summary).toBe(`construction-permit: 0 of ${permits.length} histories replay`);
    expect(first).toBe(
      '  construction-permit/consulted breaks at event 5: this code makes "step start clock" where the history has ' +
        '"ask identity": keep the old way for cases under way, if (patched(\'what has changed\')) … else …',
    );
  });

  it('are said to be missing when there are none', () => {
    expect(readHistories(fileURLToPath(new URL('./engine/', import.meta.url)))).toEqual([]);
    expect(summarize([])).toEqual([]);
  });

  it('make `npm run replay` print them by procedure', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'scripts/replay.ts']);
    const folders = histories.map(({ name }) => name.split('/')[0] ?? '');
    const counts = [...new Set(folders)].map((folder) => {
      const count = folders.filter((each) => each === folder).length;
      return `${folder}: ${count} of ${count} histories replay`;
    });
    expect(stdout.trim().split('\n')).toEqual(counts);
  }, 120_000);

  it.each(histories)('$name holds nothing about a person and is small', ({ name, history }) => {
    const text = textOf(history);
    expect(personalTexts().filter((personal) => text.includes(personal))).toEqual([]);
    expect(text.includes('binary/encrypted')).toBe(false);
    const file = `${proceduresFolder}${name.replace('/', '/histories/')}.json`;
    expect(statSync(file).size).toBeLessThan(100_000);
  });
});

/** Every text of the sample applications that is about a person: the applicant's block and the personal answers. */
const personalTexts = () =>
  ['construction-permit', 'birth-registration', 'linked-birth', 'health-record', 'health-consent'].flatMap(
    (folder) => {
      const file = readFileSync(`samples/${folder}/application.json`, 'utf8');
      return personalTextsOf(JSON.parse(file) as Sample);
    },
  );

type Sample = { procedure: string; applicant: object; answers: Record<string, unknown> };

function personalTextsOf({ procedure, applicant, answers }: Sample): string[] {
  const form = procedures.get(procedure)!.application;
  const visible = withoutPersonal(form, answers);
  const personal = Object.entries(answers).filter(([name]) => !(name in visible));
  const place = ['Phường Vũng Tàu', 'Thành phố Hồ Chí Minh'];
  return texts([applicant, ...personal.map(([, answer]) => answer)]).filter(
    (text) => text.length > 7 && !place.includes(text),
  );
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(texts) : [];
}
