import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import {
  countDue,
  dueForAugmentation,
  enterAugmented,
  giveUpAugmentation,
  postponeAugmentation,
  type DueDocument,
} from '../records/augmentation.ts';
import type { Database } from '../records/db.ts';
import type { ObjectStore } from '../records/objects.ts';
import type { Signing } from './documents/signing.ts';
import { TrustServiceUnavailable } from './documents/trust/service.ts';
import { CertificateRevoked } from './documents/trust/status.ts';

/** How far the augmentation of documents has come. */
export interface AugmentProgress {
  augmented: number;
  /** Documents that are still due. */
  due: number;
}

/** What augmenting documents needs. */
export interface AugmentDependencies {
  db: Database;
  clock: Clock;
  log: Logger;
  objects: ObjectStore;
  signing: Signing;
}

const atOnce = 8;
const dayMs = 86_400_000;

/**
 * Makes the activity that augments the documents that are due, some at a time, and answers after a while how far it has
 * come. What a kill interrupts is found due again.
 *
 * It throws TrustServiceUnavailable where a service does not answer: nothing goes on then until it does.
 *
 * @param stretchMs after how many milliseconds it answers
 */
export function createAugment(deps: AugmentDependencies, stretchMs = 20_000) {
  return async function augment(): Promise<AugmentProgress> {
    const { db, clock } = deps;
    const until = performance.now() + stretchMs;
    let augmented = 0;
    for (;;) {
      const due = await dueForAugmentation(db, clock.now(), atOnce);
      const results = await Promise.allSettled(due.map((each) => augmentOne(deps, each)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      augmented += due.length;
      if (due.length < atOnce || performance.now() > until)
        return { augmented, due: await countDue(db, clock.now()) };
    }
  };
}

async function augmentOne(deps: AugmentDependencies, due: DueDocument): Promise<void> {
  const { db, clock, objects } = deps;
  const augmented = await objects
    .read(due.sha256)
    .then((file) => deps.signing.augment(file))
    .catch((error: Error) => setAside(deps, due, error));
  if (!augmented) return;
  const { pdf, level, augmentDue } = augmented;
  const { sha256, size } = await objects.put(pdf);
  await enterAugmented(db, due, { sha256, size, level, augmentDue }, clock.now());
}

/** Lets the others go on without a document that cannot be augmented; a service that does not answer stops them all. */
async function setAside(
  { db, clock, log }: AugmentDependencies,
  due: DueDocument,
  error: Error,
): Promise<void> {
  if (error instanceof TrustServiceUnavailable) throw error;
  log.error({ document: due.id, reason: error.message }, 'a document cannot be augmented');
  if (error instanceof CertificateRevoked) await giveUpAugmentation(db, due, error.message, clock.now());
  // Its file is missing or broken: it is tried again when somebody may have seen to it.
  else await postponeAugmentation(db, due, error.message, new Date(clock.now().getTime() + dayMs));
}
