import type { Payload } from '@temporalio/common';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Issuer } from '../credentials/issuer.ts';
import type { Logger } from '../log.ts';
import type { SendSms } from '../messaging/sms.ts';
import type { Database } from '../records/db.ts';
import type { ObjectStore } from '../records/objects.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import type { Identity } from './identity.ts';
import type { LiveHub } from './live-hub.ts';
import type { Residents } from './residents.ts';

/** What the API is made of; a test hands in its own. */
export interface Deps {
  config: Config;
  db: Database;
  clock: Clock;
  log: Logger;
  objects: ObjectStore;
  identity: Identity;
  /** Vouches for statements and credentials. */
  issuer: Issuer;
  /** The resident registry, for filling in; undefined where none is configured. */
  residents?: Residents | undefined;
  /** Sends codes to phones; undefined where no gateway is configured. */
  sms?: SendSms | undefined;
  /** Every edition by its id. */
  procedures: ReadonlyMap<string, Procedure>;
  /** Decrypts what Temporal keeps, for signed-in admins. */
  codec: { decode(payloads: Payload[]): Promise<Payload[]> };
  /** Tells people what changes while they look at it. */
  live: LiveHub;
  /** Makes the key of a new case, wrapped by the installation’s master key. */
  newCaseKey: () => Buffer;
}
