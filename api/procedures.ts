import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Clock } from '../clock.ts';
import { localDay } from '../records/local-day.ts';
import { Refusal } from '../records/refusal.ts';
import { filerOf, inForce } from '../workflows/catalogue.ts';
import { applicantBlock, type Procedure } from '../workflows/engine/index.ts';
import { everybody } from './abilities.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { anybody, json, refused, Text } from './schemas.ts';

const JsonSchema = z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema 2020-12' });
const Limit = z.string().meta({
  example: '7wd',
  description:
    'wh working hours, wd working days, d days, m months; h hours and min minutes run day and night',
});

const Summary = z
  .object({
    id: z.string().meta({ description: 'The edition: one procedure under one law' }),
    code: z.string().meta({ example: '1.013225' }),
    title: Text,
    effectiveFrom: z.iso.date(),
    effectiveTo: z.iso.date().optional(),
    inForce: z.boolean(),
    limit: Limit,
    filedBy: z.string().optional().meta({
      description: 'The role whose officers file it for their own agency; where citizens do not apply',
    }),
    limits: z
      .record(z.string(), Limit)
      .optional()
      .meta({ description: 'Other limits, by the situation in which they hold' }),
  })
  .meta({ id: 'ProcedureSummary' });

const Silence = z
  .enum(['consent', 'refusal', 'acceptance', 'closing'])
  .meta({ description: 'What the law takes it for when nobody answers in time' });

const Details = Summary.extend({
  legalBasis: z.array(z.string()),
  applicant: JsonSchema.optional().meta({ description: 'Not where an agency acts on its own account' }),
  application: JsonSchema,
  coApplicants: Text.optional().meta({ description: 'Who may apply together with the applicant' }),
  papers: z.array(z.object({ kind: z.string(), title: Text, required: z.boolean() })),
  fee: z
    .object({
      title: Text,
      amount: z.union([z.int(), z.record(z.string(), z.int())]).meta({
        description: 'In đồng; where it has items, for a unit of each',
      }),
      expires: Limit,
      silence: Silence,
    })
    .optional(),
  identityLevel: z
    .number()
    .optional()
    .meta({ description: 'How well the identity provider must know who files online: the level of VNeID' }),
  supplement: z.object({ within: Limit, clock: z.enum(['restart', 'resume']), silence: Silence }).optional(),
  consultations: z
    .object({
      within: Limit,
      silence: z.enum(['consent', 'refusal', 'escalation']),
      of: z.record(z.string(), Text),
    })
    .optional(),
  tasks: z.array(
    z.object({
      name: z.string(),
      title: Text,
      by: z.string(),
      due: Limit.or(z.literal('promised'))
        .optional()
        .meta({ description: '`promised`: when the case is due' }),
      expires: Limit.optional().meta({
        description: 'A limit, or `told`: at an instant that is told when the task is opened',
      }),
      standing: z
        .literal(true)
        .optional()
        .meta({ description: 'A right of the applicant: at any time, without a deadline' }),
      silence: Silence.optional(),
      notBy: z.array(z.string()).optional(),
      panel: z.int().optional().meta({ description: 'How many different people must each answer it' }),
      amendable: z
        .literal(true)
        .optional()
        .meta({ description: 'The applicant may change the application while it is open' }),
    }),
  ),
  documents: z.array(z.object({ document: z.string(), title: Text })),
}).meta({ id: 'Procedure' });

const Page = z.object({ items: z.array(Summary) });
const Path = z.object({ id: z.string().max(100) });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/procedures': {
    get: {
      summary: 'All procedures, those in force first',
      security: anybody,
      responses: { 200: json('The procedures', Page), default: refused },
    },
  },
  '/api/v1/procedures/{id}': {
    get: {
      summary: 'What one procedure asks for and promises, with the JSON Schema of its form',
      security: anybody,
      requestParams: { path: Path },
      responses: { 200: json('The procedure', Details), default: refused },
    },
  },
};

/** What the law offers; everything here is generated from the facts of the procedures. */
export function procedures({ procedures, clock }: Pick<Deps, 'procedures' | 'clock'>): Router {
  const forms = new Map([...procedures].map(([id, { application }]) => [id, formSchema(application)]));
  const router = Router();

  router.get('/api/v1/procedures', everybody, (_req, res) => {
    const items = [...procedures].map(([id, procedure]) => summary(id, procedure, clock));
    items.sort((a, b) => Number(b.inForce) - Number(a.inForce) || a.code.localeCompare(b.code));
    res.json(Page.parse({ items }));
  });

  router.get('/api/v1/procedures/:id', everybody, (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const procedure = procedures.get(id);
    if (!procedure) throw new Refusal('not-found', 'Không có thủ tục này · There is no such procedure');
    const applicant = filerOf(procedure) ? undefined : formSchema(applicantBlock(procedure));
    res.json(Details.parse({ ...details(id, procedure, clock), applicant, application: forms.get(id) }));
  });

  return router;
}

/** JSON Schema of what a person fills in. */
export const formSchema = (form: z.ZodType) => z.toJSONSchema(form, { io: 'input' });

function summary(id: string, procedure: Procedure, clock: Clock) {
  const now = inForce(procedure, localDay(clock.now()));
  return { ...procedure, id, inForce: now, filedBy: filerOf(procedure) };
}

function details(id: string, procedure: Procedure, clock: Clock) {
  const list = <T>(facts: Readonly<Record<string, T>>, key: string) =>
    Object.entries(facts).map(([name, fact]) => ({ ...fact, [key]: name }));
  return {
    ...summary(id, procedure, clock),
    papers: list(procedure.papers, 'kind'),
    tasks: list(procedure.tasks, 'name'),
    documents: list(procedure.documents, 'document'),
  };
}
