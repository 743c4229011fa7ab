import { constructionPermit as permit } from '../workflows/construction-permit/procedure.ts';
import { defineProcedure } from '../workflows/engine/index.ts';

/** A catalogue in which somebody has changed the permit's story without `patched`: it accepts before it asks anybody. */
export const constructionPermit = defineProcedure(permit.procedure, async ({ accept, reject }) => {
  await accept();
  return reject('');
});
