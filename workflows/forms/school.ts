import { z } from 'zod';
import { choice, type Text } from '../engine/index.ts';
import { label } from './fields.ts';

/** Whom the law puts first within a tier, the first group first. */
export const priorityGroups = {
  martyr: { vi: 'con liệt sĩ, thương binh', en: 'child of a fallen or wounded soldier' },
  disabled: { vi: 'trẻ khuyết tật', en: 'child with a disability' },
  poor: { vi: 'hộ nghèo, cận nghèo', en: 'poor household' },
  minority: { vi: 'dân tộc thiểu số', en: 'ethnic minority' },
  teacher: { vi: 'con giáo viên của trường', en: 'child of a teacher of the school' },
} as const satisfies Readonly<Record<string, Text>>;
export type PriorityGroup = keyof typeof priorityGroups;

/** One of the groups that the law puts first. */
export const PriorityChoice = choice('Diện ưu tiên', 'Priority group', {
  martyr: ['Con liệt sĩ, thương binh', 'Child of a fallen or wounded soldier'],
  disabled: ['Trẻ khuyết tật', 'Child with a disability'],
  poor: ['Hộ nghèo, cận nghèo', 'Poor household'],
  minority: ['Dân tộc thiểu số', 'Ethnic minority'],
  teacher: ['Con giáo viên của trường', 'Child of a teacher of the school'],
});

/** On what ground somebody lives where they do. */
export const ResidenceChoice = choice('Diện cư trú', 'Residence', {
  permanent: ['Thường trú', 'Permanent residence'],
  temporary: ['Tạm trú, thực tế cư trú', 'Temporary residence'],
  other: ['Khác', 'Other'],
});

/** A code of a school, as the plan of a campaign has it. */
export const schoolCode = (vi: string, en: string) =>
  z
    .string()
    .regex(/^[A-Z0-9-]{2,20}$/, 'Mã trường, ví dụ TH-HOA · A code of a school such as TH-HOA')
    .meta({ ...label(vi, en), widget: 'offer' });
