import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Transaction } from './db.ts';
import type { NamedRepresentative } from './handed-in.ts';
import { localDay } from './local-day.ts';
import { mustOwn } from './papers.ts';
import { subjectFor } from './parties.ts';
import { acting, mayEndRepresentation } from './policy.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/**
 * Enters the authorisation of a representative; gives its id.
 *
 * @throws Refusal `invalid-form` when it does not hold today, `unknown-upload` when its paper is somebody else's
 */
export async function authorise(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { fullName, personalNumber, authorisation }: NamedRepresentative,
): Promise<string> {
  const { number, issuedOn, validUntil, upload } = authorisation;
  mustHoldOn(localDay(at), authorisation);
  await mustOwn(trx, actor.sub, [{ upload }], () => '/representative/authorisation/upload');
  const id = randomUUID();
  await trx('authorisations').insert({
    id,
    representative_sub: await subjectFor(trx, personalNumber),
    representative: JSON.stringify({ fullName, personalNumber }),
    paper_number: number,
    issued_on: issuedOn,
    valid_until: validUntil,
    upload_id: upload,
    created_at: at,
  });
  return id;
}

function mustHoldOn(
  day: string,
  { issuedOn, validUntil }: Pick<NamedRepresentative['authorisation'], 'issuedOn' | 'validUntil'>,
): void {
  const wrong = (field: string, detail: string) =>
    new Refusal('invalid-form', 'Ủy quyền chưa đúng · The authorisation is not right', [
      { pointer: `/representative/authorisation/${field}`, detail },
    ]);
  if (issuedOn > day) throw wrong('issuedOn', 'Sau hôm nay · Later than today');
  if (validUntil < day) throw wrong('validUntil', 'Đã hết hạn · It is over');
}

/**
 * Ends the authority of the representative of a case now (Civil Code 2015 Art. 140); ended again, it stays as it was.
 * What was done under it stays done.
 *
 * @throws Refusal by policy, or `not-found` for a case without a representative
 */
export async function endRepresentation(
  trx: Transaction,
  { actor, at, code }: { actor: Actor; at: Date; code: string },
): Promise<void> {
  const ground = await mayEndRepresentation(trx, actor, code, at);
  const end = await lockRecord(trx, code);
  const { authorisation: id } = await trx('cases')
    .where({ code })
    .first<{ authorisation: string | null }>('authorisation');
  if (!id) throw new Refusal('not-found', 'Hồ sơ không có người đại diện · The case has no representative');
  const ended = await trx('authorisations')
    .where({ id })
    .whereNull('ended_at')
    .update({ ended_at: at, ended_by: JSON.stringify({ sub: actor.sub, ...ground }) });
  if (ended === 0) return;
  await appendEntry(
    trx,
    { case_code: code, ...end },
    {
      at,
      actor: acting(actor, ground),
      event: 'representation-ended',
      details: { authorisation: id },
      reference: `authorisation:${id}`,
    },
  );
}
