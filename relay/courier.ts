import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { channels, Undelivered, type Channel } from '../messaging/channels.ts';
import type { SendMail } from '../messaging/mail.ts';
import { mailOf, pushOf, smsOf } from '../messaging/messages.ts';
import { GoneBrowser, type SendPush } from '../messaging/push.ts';
import type { SendSms } from '../messaging/sms.ts';
import type { Database } from '../records/db.ts';
import { attemptDelivery, planDeliveries, type Attempt, type DueDelivery } from '../records/deliveries.ts';
import { forgetBrowsers } from '../records/push-subscriptions.ts';
import { Rounds } from './rounds.ts';

/** What the courier works with; a port that is not there is a channel that this installation does not have. */
export interface CourierDependencies {
  db: Database;
  clock: Clock;
  log: Logger;
  publicUrl: string;
  mail: SendMail | undefined;
  sms: SendSms | undefined;
  push?: SendPush | undefined;
}

const everyMs = 1_000;
/** How many messages are on their way at once: a slow mail server holds up no more than its own. */
const atOnce = 4;

/** Brings notices to people outside the pages; see decision 0032. */
export class Courier {
  readonly #deps: CourierDependencies;
  readonly #open: Channel[];
  readonly #rounds: Rounds;

  constructor(deps: CourierDependencies) {
    this.#deps = deps;
    const ports = { email: deps.mail, sms: deps.sms, push: deps.push };
    this.#open = channels.filter((channel) => ports[channel] !== undefined);
    this.#rounds = new Rounds(() => this.round(), everyMs, deps.log, 'notices cannot be delivered');
  }

  /** Looks once a second. */
  start(): void {
    this.#rounds.start();
  }

  /** Ends after the round that is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Settles what is new and attempts all that is due. */
  async round(): Promise<void> {
    const { db, clock } = this.#deps;
    while (await planDeliveries(db, this.#open, clock.now()));
    const work = async () => {
      while (await attemptDelivery(db, this.#open, clock.now(), (due) => this.#send(due)));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async #send(due: DueDelivery): Promise<Attempt> {
    const { log, publicUrl } = this.#deps;
    const message = { ...due, link: `${publicUrl}/cases/${due.code}` };
    try {
      return await this.#hand(message);
    } catch (error) {
      const { failure, forGood } =
        error instanceof Undelivered ? error : { failure: 'the message cannot be made', forGood: false };
      log.warn({ caseCode: due.code, channel: due.channel, failure }, 'a notice was not delivered');
      return { failure, forGood };
    }
  }

  #hand(message: DueDelivery & { link: string }): Promise<{ reference: string }> {
    const { mail, sms, push } = this.#deps;
    const { to, id: key, channel } = message;
    if (channel === 'email' && mail && to.email) return mail({ to: to.email, key, ...mailOf(message) });
    if (channel === 'sms' && sms && to.phone) return sms({ to: to.phone, key, text: smsOf(message) });
    if (channel === 'push' && push) return this.#pushAll(push, message);
    throw new Undelivered(`there is no ${channel}`, { forGood: true });
  }

  /** Pushes to every browser of somebody; one that takes it will do. */
  async #pushAll(push: SendPush, message: DueDelivery): Promise<{ reference: string }> {
    const gone: string[] = [];
    let taken = 0;
    let failure: Undelivered = new GoneBrowser();
    for (const browser of message.to.browsers)
      try {
        await push(browser, pushOf(message), message.id);
        taken += 1;
      } catch (error) {
        if (error instanceof GoneBrowser) gone.push(browser.endpoint);
        else if (error instanceof Undelivered) failure = error;
        else throw error;
      }
    if (gone.length > 0) await forgetBrowsers(this.#deps.db, gone);
    if (taken === 0) throw failure;
    return { reference: `${taken}/${message.to.browsers.length}` };
  }
}
