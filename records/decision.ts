import { z } from 'zod';

const text = z.object({ vi: z.string(), en: z.string() });

/**
 * The decision that is attached to a document, edition 1: what machines read instead of the page. The shapes of applicant,
 * answers and findings are those of the procedure (`/api/v1/procedures/{id}`).
 */
export const Decision = z
  .strictObject({
    schema: z.literal('motcua/decision/1'),
    id: z.uuid().meta({ description: 'Of the document; its page is /verify/{id}' }),
    case: z.string().meta({ description: 'Code of the case', example: 'H29.16-261122-0001' }),
    procedure: z.strictObject({
      id: z.string().meta({ description: 'Edition of the procedure in the code' }),
      code: z.string().meta({ description: 'National code of the procedure', example: '1.013225' }),
    }),
    document: z.strictObject({
      kind: z.string().meta({ description: 'Name of the document in its procedure, or of the letter' }),
      number: z.string().nullable().meta({ description: 'In the register book', example: '01/GPXD-UBND' }),
      title: text,
    }),
    agency: z.strictObject({ code: z.string(), name: text }),
    issuedAt: z.iso.datetime(),
    applicant: z.record(z.string(), z.unknown()),
    answers: z.record(z.string(), z.unknown()),
    findings: z.record(z.string(), z.unknown()),
  })
  .meta({ title: 'The decision attached to a document of Motcua' });
export type Decision = z.infer<typeof Decision>;

/** The schemas of what is attached to documents, by their names, as JSON Schema 2020-12. */
export const decisionSchemas: Readonly<Record<string, object>> = {
  'motcua/decision/1': z.toJSONSchema(Decision),
};
