import { systemClock as clock } from '../clock.ts';
import { openSampleAuthority } from '../testing/authority.ts';

// The trust services of the document benchmark in a process of their own, so that their work is not counted as ours.
const [folder = '.', person = '', agency = ''] = process.argv.slice(2);
const { url } = await openSampleAuthority({
  folder,
  people: [{ sub: person, name: 'Nguyễn Văn An' }],
  agencies: [{ code: agency, name: 'Ủy ban nhân dân phường Vũng Tàu' }],
  clock,
});
process.send?.(url);
