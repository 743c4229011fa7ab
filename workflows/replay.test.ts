import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { bundleWorkflows } from '../bundle.ts';
import { textOf } from '../testing/histories.ts';
import { samplePermit } from '../testing/world.ts';
import { procedures } from './catalogue.ts';
import { withoutPersonal } from './engine/form.ts';
import { proceduresFolder, readHistories, replay, summarize } from './histories.ts';

const histories = readHistories();

describe('the recorded histories', () => {
  it('replay against this code', async () => {
    const results = await replay(readFileSync(inject('bundlePath'), 'utf8'), histories);
    expect(results.filter(({ problem }) => problem)).toEqual([]);
    expect(results.map(({ name }) => name)).toEqual(
      expect.arrayContaining(
        ['granted', 'supplemented', 'refused-after-silence', 'withdrawn', 'consulted'].map(
          (name) => `construction-permit/${name}`,
        ),
      ),
    );
  });

  it('tell a developer which story has changed, and why', async () => {
    const changed = fileURLToPath(new URL('../testing/changed-permit.ts', import.meta.url));
    const results = await replay(await bundleWorkflows(changed, [changed], 'clear'), histories);
    const [summary, first] = summarize(results);
    expect(summary).toBe(`construction-permit: 0 of ${histories.length} histories replay`);
    expect(first).toMatch(/construction-permit\/consulted breaks: .*Nondeterminism/i);
  });

  it('are said to be missing when there are none', () => {
    expect(readHistories(fileURLToPath(new URL('./engine/', import.meta.url)))).toEqual([]);
    expect(summarize([])).toEqual([]);
  });

  it('make `npm run replay` print them by procedure', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'workflows/replay.ts']);
    expect(stdout.trim()).toBe(
      `construction-permit: ${histories.length} of ${histories.length} histories replay`,
    );
  });

  it.each(histories)('$name holds nothing about a person and is small', ({ name, history }) => {
    const text = textOf(history);
    expect(personalTexts().filter((personal) => text.includes(personal))).toEqual([]);
    expect(text.includes('binary/encrypted')).toBe(false);
    const file = `${proceduresFolder}${name.replace('/', '/histories/')}.json`;
    expect(statSync(file).size).toBeLessThan(100_000);
  });
});

/** Every text of the sample application that is about a person: the applicant's block and the personal answers. */
function personalTexts(): string[] {
  const { applicant, answers } = samplePermit() as unknown as Record<'applicant' | 'answers', object>;
  const form = procedures.get('constructionPermit')!.application;
  const visible = withoutPersonal(form, answers as Record<string, unknown>);
  const personal = Object.entries(answers).filter(([name]) => !(name in visible));
  const place = ['Phường Vũng Tàu', 'Thành phố Hồ Chí Minh'];
  return texts([applicant, ...personal.map(([, answer]) => answer as unknown)]).filter(
    (text) => text.length > 7 && !place.includes(text),
  );
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(texts) : [];
}
