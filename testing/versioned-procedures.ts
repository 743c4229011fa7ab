import { workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

/** Two procedures that differ in what a new build means to their cases; each ends with the build that it ended on. */
const facts = {
  code: '9.000031',
  title: { vi: 'Báo hỏng đèn đường', en: 'Report a street light' },
  effectiveFrom: '2025-01-01',
  legalBasis: ['Quy định thử nghiệm'],
  application: z.object({ pole: z.string() }),
  papers: {},
  limit: '3wd',
  tasks: {
    repair: {
      title: { vi: 'Sửa đèn', en: 'Repair the light' },
      by: 'specialist',
      form: z.object({ repaired: z.boolean() }),
      due: '3wd',
    },
  },
  documents: {},
} as const;

interface Words {
  tasks: { repair(): Promise<unknown> };
  reject: (reason: string) => Promise<unknown>;
}

const story = async ({ tasks, reject }: Words) => {
  await tasks.repair();
  await reject('Không thuộc địa bàn · Elsewhere');
  return workflowInfo().currentDeploymentVersion?.buildId ?? 'no build';
};

export const pinnedLight = defineProcedure({ ...facts, versioning: 'pinned' }, story);
export const upgradedLight = defineProcedure(facts, story);
