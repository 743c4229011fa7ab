import type { Actor } from '../records/actor.ts';
import { findUpload } from '../records/uploads.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import type { Deps } from './deps.ts';
import { cleanPhoto } from './pictures.ts';

/**
 * Cleans the photos among papers that somebody hands in, before they belong to a case: those of kinds that may become public.
 *
 * @throws Refusal `wrong-file-type` for what is no picture; `not-found` or `not-yours` for an upload that is not theirs
 */
export async function cleanGivenPhotos(
  deps: Pick<Deps, 'db' | 'objects'>,
  owner: Actor,
  procedure: Pick<Procedure, 'papers'> | undefined,
  papers: readonly { kind: string; upload: string }[] | undefined,
): Promise<void> {
  for (const { kind, upload } of papers ?? [])
    if (procedure?.papers[kind]?.photos) await cleanPhoto(deps, await findUpload(deps.db, owner, upload));
}
