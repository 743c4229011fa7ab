import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import {
  countDue,
  dueForAugmentation,
  enterAugmented,
  giveUpAugmentation,
  type DueDocument,
} from '../records/augmentation.ts';
import type { Database } from '../records/db.ts';
import type { ObjectStore } from '../records/objects.ts';
import type { Signing } from './documents/signing.ts';
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

async function augmentOne({ db, clock, log, objects, signing }: AugmentDependencies, due: DueDocument) {
  try {
    const { pdf, level, augmentDue } = await signing.augment(await objects.read(due.sha256));
    const { sha256, size } = await objects.put(pdf);
    await enterAugmented(db, due, { sha256, size, level, augmentDue }, clock.now());
  } catch (error) {
    if (!(error instanceof CertificateRevoked)) throw error;
    log.error({ document: due.id, reason: error.message }, 'a document cannot be augmented');
    await giveUpAugmentation(db, due, error.message, clock.now());
  }
}
