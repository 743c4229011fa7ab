import { createTransport } from 'nodemailer';
import type { Config } from '../config.ts';
import { Undelivered } from './channels.ts';

/**
 * Hands a mail to the server. The key becomes its Message-ID, by which servers and readers know a second copy.
 *
 * @returns the Message-ID
 * @throws Undelivered when the server does not take it
 */
export type SendMail = (mail: {
  to: string;
  subject: string;
  text: string;
  key: string;
}) => Promise<{ reference: string }>;

/** The port for e-mail and how it is closed. */
export interface Mail {
  send: SendMail;
  close(): void;
}

const patienceMs = 10_000;

/**
 * Opens the mail server at SMTP_URL, which sends as MAIL_FROM.
 *
 * @returns undefined where none is configured
 */
export function openMail(config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM' | 'publicUrl'>): Mail | undefined {
  if (config.SMTP_URL === undefined) return undefined;
  const { hostname } = new URL(config.publicUrl);
  const transport = createTransport(config.SMTP_URL, {
    from: config.MAIL_FROM ?? `no-reply@${hostname}`,
    // Nobody answers a machine with a machine (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  return {
    async send({ to, subject, text, key }) {
      const messageId = `<${key}@${hostname}>`;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('late')), patienceMs);
      });
      try {
        await Promise.race([transport.sendMail({ to, subject, text, messageId }), late]);
      } catch (error) {
        throw whyNot(error);
      } finally {
        clearTimeout(timer);
      }
      return { reference: messageId };
    },
    close: () => transport.close(),
  };
}

/** The server's own words may name the address, so only its code is kept (RFC 5321, section 4.2.1). */
function whyNot(error: unknown): Undelivered {
  const code = (error as { responseCode?: unknown }).responseCode;
  if (typeof code !== 'number') return new Undelivered('the mail server does not answer', { forGood: false });
  return new Undelivered(`the mail server answers ${code}`, { forGood: code >= 500 });
}
