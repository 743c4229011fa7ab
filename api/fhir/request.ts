import type { Request } from 'express';
import { purposeCalled, purposes } from '../../fhir/codings.ts';
import { interactions, isServed, type Interactions, type ResourceType } from '../../fhir/resource-types.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { actorIn } from '../auth.ts';
import type { Deps } from '../deps.ts';
import { FhirProblem, nothingThere } from './outcome.ts';

/** Header in which a caller says what the data are wanted for. */
export const purposeHeader = 'X-Purpose-Of-Use';

/**
 * Who sends a request and what for, as they say. Whoever reads as a citizen reads their own and needs no purpose.
 *
 * @throws FhirProblem 400 without a purpose that is known
 */
export function readerIn(req: Request, { clock }: Pick<Deps, 'clock'>): Reader {
  const actor = actorIn(req);
  const at = clock.now();
  const said = req.get(purposeHeader);
  const purpose = said === undefined ? undefined : purposeCalled(said);
  const known = Object.values(purposes).map(({ code }) => code);
  if (!purpose && (said !== undefined || !actor.roles.includes('citizen')))
    throw new FhirProblem(
      400,
      'required',
      `${purposeHeader}: cần mục đích, một trong · say what for, one of ${known.join(', ')}`,
    );
  return { actor, at, purpose };
}

/**
 * The type in the address.
 *
 * @throws FhirProblem 404
 */
export function typeIn(req: Request): { type: ResourceType; facts: Interactions } {
  const { type } = req.params;
  if (typeof type === 'string' && isServed(type)) return { type, facts: interactions[type] };
  throw new FhirProblem(404, 'not-supported', 'Không có loại tài nguyên này · This type is not served');
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isId = (text: string) => uuid.test(text);

/**
 * The id in the address; what is none of ours cannot be there.
 *
 * @throws FhirProblem 404
 */
export function idIn(req: Request): string {
  const { id } = req.params;
  if (typeof id === 'string' && isId(id)) return id;
  throw nothingThere();
}

/** The version in the address, or in a header such as `W/"3"`; undefined where there is none. */
export function versionIn(text: string | undefined): number | undefined {
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(text ?? '');
  return match ? Number(match[1]) : undefined;
}

export const etagOf = (version: number) => `W/"${version}"`;

/**
 * Refuses whoever wants another form of the answer than JSON.
 *
 * @throws FhirProblem 406
 */
export function expectJson(req: Request): void {
  const { _format: format } = req.query;
  const wanted = typeof format === 'string' ? format : req.get('accept');
  const takes = /(^|[\s,])(\*\/\*|application\/(\*|json|fhir\+json)|text\/json|json)/;
  if (wanted === undefined || wanted === '' || takes.test(wanted)) return;
  throw new FhirProblem(406, 'not-supported', 'Chỉ có JSON · Only application/fhir+json is given');
}
