import { z } from 'zod';
import { defineProcedure, personal } from '../workflows/engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

const branch = {
  effectiveFrom: '2025-01-01',
  legalBasis: ['Quy định thử nghiệm'],
  papers: { plan: { title: { vi: 'Sơ đồ', en: 'Plan' }, required: false } },
  limit: '3wd',
  tasks: {
    decide: {
      title: { vi: 'Quyết định', en: 'Decide' },
      by: 'specialist',
      due: '2wd',
      form: z.object({ connected: z.boolean().meta(label('Đã đấu nối', 'Connected')) }),
    },
  },
  documents: {},
} as const;

/** A branch of a linked procedure, for tests: one agency connects the water. */
export const water = defineProcedure(
  {
    ...branch,
    code: '9.000012',
    title: { vi: 'Đấu nối nước', en: 'Connect the water' },
    application: z.object({
      meters: z.int().min(1).max(9).meta(label('Số đồng hồ', 'Meters')),
      contact: personal(z.string().min(1).meta(label('Liên hệ', 'Contact'))),
    }),
  },
  async ({ accept, tasks }) => {
    await accept();
    return (await tasks.decide()).connected ? 'connected' : 'refused';
  },
);

/** Another branch: the power, which needs to know how the water went. */
export const power = defineProcedure(
  {
    ...branch,
    code: '9.000013',
    title: { vi: 'Đấu nối điện', en: 'Connect the power' },
    application: z.object({ place: z.string().meta(label('Địa điểm', 'Place')) }),
  },
  async ({ accept, tasks }) => {
    await accept();
    return (await tasks.decide()).connected ? 'connected' : 'refused';
  },
);

/** One application for two agencies, for tests. */
export const newHouse = defineProcedure(
  {
    ...branch,
    code: '9.000011',
    title: { vi: 'Đấu nối nhà mới', en: 'Connect a new house' },
    application: z.object({
      place: z.string().meta(label('Địa điểm', 'Place')),
      contact: personal(z.string().min(1).meta(label('Liên hệ', 'Contact'))),
    }),
    tasks: {},
    subCases: {
      water: {
        title: { vi: 'Đấu nối nước', en: 'Water' },
        procedure: '9.000012',
        due: '3wd',
        application: ({ answers }) => ({ meters: 1, contact: answers['contact'] }),
        papers: { plan: 'plan' },
      },
      power: {
        title: { vi: 'Đấu nối điện', en: 'Power' },
        procedure: '9.000013',
        due: '3wd',
        application: ({ answers }) => ({ place: answers['place'] }),
      },
    },
  },
  async ({ accept, subCase }) => {
    await accept();
    const [first, second] = await Promise.all([subCase('water'), subCase('power')]);
    return `${first.outcome}-${second.outcome}`;
  },
);
