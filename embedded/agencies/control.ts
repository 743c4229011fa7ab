import { z } from 'zod';
import { Births, Pupils, Residents } from '../samples.ts';

/** How a sample agency is told to behave; what is left out takes its default again. */
export const Control = z
  .object({
    mode: z
      .enum(['ok', 'slow', 'down', 'wrong', 'duplicate', 'late'])
      .default('ok')
      .meta({
        description:
          'slow: answers after delayMs · down: refuses every request · wrong: answers break the contract · ' +
          'duplicate: delivers each callback twice · late: delivers each callback after delayMs',
      }),
    delayMs: z.int().min(0).max(3_600_000).default(10_000),
    down: z
      .enum(['503', 'closed'])
      .default('503')
      .meta({ description: 'Answer 503, or close the connection.' }),
  })
  .meta({ id: 'Control' });
export type Control = z.infer<typeof Control>;

/** The control of an agency that gives opinions. */
export const OpinionControl = Control.extend({
  answers: z.enum(['agree', 'object', 'silent']).default('agree'),
  reason: z.string().min(1).max(2000).optional(),
}).meta({ id: 'OpinionControl' });
export type OpinionControl = z.infer<typeof OpinionControl>;

/** The control of a registry that knows residents and gives personal numbers to new-born children. */
export const AllocationControl = Control.extend({
  also: Residents.shape.residents
    .default([])
    .meta({ description: 'Residents known beside those of the samples' }),
  answers: z.enum(['allocated', 'duplicate', 'impossible', 'silent']).default('allocated'),
}).meta({ id: 'AllocationControl' });
export type AllocationControl = z.infer<typeof AllocationControl>;

/** The control of the electronic birth certificates. */
export const BirthControl = Control.extend({
  also: Births.shape.births.default([]).meta({ description: 'Births known beside those of the samples' }),
}).meta({ id: 'BirthControl' });

/** The control of the education registry. */
export const PupilControl = Control.extend({
  also: Pupils.shape.pupils.default([]).meta({ description: 'Pupils known beside those of the samples' }),
}).meta({ id: 'PupilControl' });

/** The control of a residence system that asks heads of households. */
export const ConsentControl = Control.extend({
  answers: z.enum(['consents', 'objects', 'silent']).default('consents'),
}).meta({ id: 'ConsentControl' });
export type ConsentControl = z.infer<typeof ConsentControl>;

/** The control of a social insurance that makes cards. */
export const CardControl = Control.extend({
  answers: z.enum(['made', 'not-made', 'silent']).default('made'),
}).meta({ id: 'CardControl' });
export type CardControl = z.infer<typeof CardControl>;
