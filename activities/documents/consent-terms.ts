import {
  dataClasses,
  purposes,
  sensitiveClasses,
  type DataClass,
  type Purpose,
  type SensitiveClass,
} from '../../fhir/codings.ts';
import { localDay } from '../../records/local-day.ts';
import type { Gathered, Gathering } from './sources.ts';

interface Terms {
  recipient: string;
  purpose: Purpose;
  classes: DataClass[];
  sensitive: SensitiveClass[];
  valid_from: string;
  valid_to: string;
  ended_at: Date | null;
}

/** Gathers in words what a consent lets whom see: of its latest version, or as it is applied for. */
export async function termsOf({ db, file, at }: Gathering): Promise<Gathered> {
  const kept = await db('health_consents')
    .where({ case_code: file.code })
    .orderBy('version', 'desc')
    .first<Terms | undefined>();
  const asked = file.answers as unknown as Terms & { from?: string; to: string };
  const terms = kept ?? {
    ...asked,
    valid_from: asked.from ?? localDay(at),
    valid_to: asked.to,
    ended_at: null,
  };
  const recipient = await db('agencies')
    .where({ code: terms.recipient })
    .first<{ name: { vi: string } } | undefined>('name');
  return {
    data: {
      terms: {
        recipient: recipient?.name.vi ?? terms.recipient,
        purpose: purposes[terms.purpose].vi,
        classes: terms.classes.map((name) => dataClasses[name].vi),
        sensitive: terms.sensitive.map((name) => sensitiveClasses[name].vi),
        from: terms.valid_from,
        to: terms.valid_to,
        ended: terms.ended_at?.toISOString() ?? null,
      },
    },
    attachments: [],
  };
}
