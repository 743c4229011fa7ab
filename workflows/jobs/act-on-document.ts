import { proxyActivities } from '@temporalio/workflow';
import type { ActSettlement } from '../../activities/documents/life.ts';

interface Acting {
  'settle document-act': (settlement: ActSettlement) => Promise<void>;
}

const { 'settle document-act': settle } = proxyActivities<Acting>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
  summary: 'Ban hành · Issue',
});

/**
 * Carries out what an agency decides about a result that it has issued: issues the decision of revocation, the certified copy or
 * the new original, and enters what follows from it.
 */
export async function actOnDocument(act: string): Promise<void> {
  await settle({ act, at: new Date().toISOString() });
}
