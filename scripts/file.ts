import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { Person } from '../embedded/person.ts';
import { readApplication } from '../embedded/walk.ts';

/** `npm run file -- <folder> [--as <person>]`: files the application of a folder, with its papers, at a running Motcua. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { as: { type: 'string', default: 'an' } },
});
const folder = positionals[0] ?? 'samples/construction-permit';
const { publicUrl } = readConfig();

try {
  const citizen = await Person.signIn(publicUrl, values.as);
  const code = await citizen.file(folder, await readApplication(folder));
  console.log(`CASE ${code}`);
  console.log(`SEE  ${publicUrl}/api/v1/cases/${code}`);
} catch (error) {
  console.error(`${folder} was not filed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
