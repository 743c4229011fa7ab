import { z } from 'zod';
import { label } from './fields.ts';

/** A paper or a field of an application that is to be supplied, and why: what an officer marks while checking. */
export const Missing = z.object({
  what: z
    .string()
    .min(1)
    .max(200)
    .meta({ ...label('Giấy tờ hoặc mục', 'Paper or field'), widget: 'part' }),
  reason: z.string().trim().min(1).max(2000).meta(label('Lý do', 'Reason')),
});
