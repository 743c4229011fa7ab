import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedBundle } from '../bundle.ts';
import { subjectsOf } from '../testing/explorer/subjects.ts';
import { procedures } from '../workflows/catalogue.ts';
import { lint } from '../workflows/lint.ts';

/**
 * `npm run lint:procedures [id]`: dry-runs every procedure, or one, and prints what breaks a rule and how to mend it;
 * exit code 1 when anything does.
 */
const courses = 400;
const [wanted] = process.argv.slice(2);
const chosen = [...procedures.keys()].filter((id) => wanted === undefined || id === wanted);
if (chosen.length === 0) {
  console.error(`no procedure "${wanted}"; there are: ${[...procedures.keys()].join(', ')}`);
  process.exitCode = 1;
}
const cache = join(fileURLToPath(new URL('..', import.meta.url)), '.cache');
const code = readFileSync(await cachedBundle(cache), 'utf8');
for (const [id, subject] of await subjectsOf(code, procedures, courses, chosen)) {
  const findings = lint(subject);
  for (const { rule, what, mend } of findings) console.log(`${id}: ${rule}: ${what} (mend: ${mend})`);
  if (findings.length > 0) process.exitCode = 1;
  else console.log(`${id}: ${subject.courses.length} courses keep every rule`);
}
