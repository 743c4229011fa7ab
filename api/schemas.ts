import { z } from 'zod';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { Problem } from './errors.ts';

/** A text in both languages. */
export const Text = z.object({ vi: z.string(), en: z.string() }).meta({ id: 'Text' });

/** What a field is called where people fill it in. */
export const titled = (vi: string, en: string) => ({ title: vi, 'title.en': en });

/** An instant as ISO 8601 in UTC. */
export const Instant = z.iso.datetime();

/** The code of a case, for example `H29.16-261122-0001`. */
export const CaseCode = z
  .string()
  .regex(/^[A-Z]\d{2}(\.\d{2,3}){0,3}-\d{6}-\d{4,}$/, 'H29.16-261122-0001')
  .meta({ example: 'H29.16-261122-0001' });

/** A person as the record names them. */
export const Person = z.object({ sub: z.string(), name: z.string() }).meta({ id: 'Person' });

/** Why somebody does something, in their own words. */
export const Reason = z.string().trim().max(2000).default('');

/** An agency with its name. */
export const Agency = z
  .object({ code: z.string().meta({ example: 'H29.16' }), name: Text })
  .meta({ id: 'Agency' });

/** An agency or a person under a document. */
const Signer = z.object({ name: z.string(), title: z.string(), capacity: z.enum(['person', 'agency']) });

/** What anybody may know of an issued document. */
const documentFields = {
  id: z.uuid(),
  document: z.string().meta({ description: 'Name of the document in its procedure, or of the letter' }),
  title: Text,
  registerNumber: z.string().nullable(),
  issuedAt: Instant,
  level: z.enum(['B-B', 'B-T', 'B-LTA']).meta({
    description:
      'Baseline level of its signatures (PAdES, ETSI EN 319 142-1). Below B-LTA a trust service has not answered yet; the file will be completed',
  }),
  supersededBy: z.uuid().nullable().meta({ description: 'The document that has taken its place' }),
  revokedBy: z.uuid().nullable().meta({ description: 'The decision that has revoked it' }),
  revokedAt: Instant.nullable(),
  validUntil: z.iso.date().nullable().meta({ description: 'Its last day; null: for good' }),
  inForce: z.boolean().meta({ description: 'Neither superseded nor revoked, and not past its last day' }),
  sha256: z.string(),
  size: z.int(),
  signers: z.array(Signer),
};

/** An issued document or letter as its case shows it. */
export const IssuedDocument = z.object(documentFields).meta({ id: 'IssuedDocument' });

/** A document that this installation issued, without a word about the person it was issued to. */
export const GenuineDocument = z
  .object({ genuine: z.literal(true), ...documentFields, agency: Agency })
  .meta({ id: 'GenuineDocument' });

/** A file that somebody handed in to be verified, with every signature and timestamp in it. */
export const VerifiedFile = z
  .object({
    verdict: z
      .enum(['genuine', 'earlier', 'continued', 'changed-after-signing', 'altered', 'unknown', 'unsigned'])
      .meta({
        description:
          'genuine: as it is kept here; earlier: as it was before it was completed for the archive; continued: somebody added only what proves its signatures for longer; changed-after-signing: somebody added something else; altered: says that it is a document of ours and is not; unknown: never issued here; unsigned: nor signed by anybody',
      }),
    document: GenuineDocument.omit({ genuine: true })
      .nullable()
      .meta({ description: 'The document that the file is or, if it was altered, claims to be' }),
    signatures: z.array(
      z.object({
        kind: z.enum(['signature', 'timestamp']),
        name: z.string().nullable(),
        at: Instant.nullable().meta({ description: 'When, as the signer says' }),
        stamped: z
          .object({ at: Instant, authority: z.string(), trusted: z.boolean().nullable() })
          .nullable()
          .meta({ description: 'When it existed at the latest, as a timestamp authority says' }),
        valid: z.boolean().meta({ description: 'The signed bytes are unchanged' }),
        trusted: z
          .boolean()
          .nullable()
          .meta({ description: 'Its certificate leads to a root that is trusted here; null: none is known' }),
        coversWholeFile: z.boolean().meta({ description: 'Only the last signature of a file can' }),
        added: z
          .enum(['nothing', 'archive', 'changes'])
          .meta({ description: 'What was added to the file after it' }),
        certificateSubject: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'VerifiedFile' });

/** Which part of a list: `next` of one page is the `cursor` of the following one. */
export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().min(1).max(200).optional(),
});

/** A page of a list. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), next: z.string().optional() });

/** The header of every act. */
export const actHeader = z.object({
  'Idempotency-Key': z.string().min(8).max(200).meta({
    description: 'Same key and body: the same answer, and the act happens once. A new act takes a new key.',
  }),
});

/** An answer in JSON, for the OpenAPI document. */
export const json = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/json': { schema } },
});

/** An answer that is a file, for the OpenAPI document. */
export const file = (description: string, ...mediaTypes: string[]): ZodOpenApiResponseObject => ({
  description,
  content: Object.fromEntries(
    mediaTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  ),
});

/** Every refusal and failure, for the OpenAPI document. */
export const refused: ZodOpenApiResponseObject = {
  description: 'Refused; `type` says why',
  content: { 'application/problem+json': { schema: Problem } },
};

/** Marks an operation that needs nobody to be signed in. */
export const anybody: Record<string, string[]>[] = [];

/** Said of an act that is allowed, where it needs a fresh authentication before. */
export const StepUp = z.literal(true).optional().meta({
  description:
    'Present where you must prove again who you are before: it is a signature, and your authentication is too old or too weak for one',
});
