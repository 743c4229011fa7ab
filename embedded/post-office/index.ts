import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import express, { type Express } from 'express';
import Handlebars from 'handlebars';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { serve } from '../agencies/desk.ts';

/** A message that arrived. */
export interface Letter {
  channel: 'email' | 'sms';
  /** The mail's Message-ID or the key of the SMS: the same message again is not kept twice. */
  key: string;
  to: string;
  subject: string | null;
  text: string;
  at: string;
}

/** A sample mail server, a sample gateway for SMS, and the page where one reads what came. */
export interface PostOffice {
  smtpUrl: string;
  smsUrl: string;
  url: string;
  letters: () => readonly Letter[];
  /** The status that every message is answered with from now on, as a provider in trouble would; undefined takes it again. */
  refuse: (channel: Letter['channel'], status: number | undefined) => void;
  close: () => Promise<void>;
}

interface Options {
  /** What the gateway wants to be shown; anything will do without it. */
  token?: string | undefined;
  clock: Clock;
  /** 0 lets the system choose. */
  smtpPort?: number;
  port?: number;
}

const kept = 500;
const Sms = z.object({ to: z.string().regex(/^\+84\d{9}$/), text: z.string().min(1).max(1_000) });
const Query = z.object({ to: z.string().max(254).optional().catch(undefined) });

/** Opens the post office on loopback; it keeps the last 500 messages in memory. */
export async function openPostOffice({ token, clock, smtpPort = 0, port = 0 }: Options): Promise<PostOffice> {
  const letters: Letter[] = [];
  const refusing = new Map<Letter['channel'], number>();
  const keep = (letter: Omit<Letter, 'at'>) => {
    if (letters.some(({ key }) => key === letter.key)) return;
    letters.unshift({ ...letter, at: clock.now().toISOString() });
    letters.length = Math.min(letters.length, kept);
  };
  const smtp = await listenForMail(smtpPort, keep, () => refusing.get('email'));
  const desk = await serve(
    deskApp(letters, keep, token, () => refusing.get('sms')),
    port,
  );
  return {
    smtpUrl: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    smsUrl: `${desk.url}/messages`,
    url: desk.url,
    letters: () => letters,
    refuse: (channel, status) =>
      status === undefined ? void refusing.delete(channel) : void refusing.set(channel, status),
    async close() {
      await Promise.all([desk.close(), new Promise<void>((done) => smtp.close(done))]);
    },
  };
}

type Keep = (letter: Omit<Letter, 'at'>) => void;

async function listenForMail(
  port: number,
  keep: Keep,
  refusal: () => number | undefined,
): Promise<SMTPServer> {
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, done) {
      const status = refusal();
      done(
        status === undefined
          ? undefined
          : Object.assign(new Error('no such mailbox'), { responseCode: status }),
      );
    },
    onData(stream, session, done) {
      simpleParser(stream).then((mail) => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join(', ');
        const { messageId = '', subject = '', text = '' } = mail;
        keep({ channel: 'email', key: messageId, to, subject, text });
        done();
      }, done);
    },
  });
  // A client that goes away in the middle is its own trouble.
  smtp.on('error', () => undefined);
  await new Promise<void>((listening) => smtp.listen(port, '127.0.0.1', listening));
  return smtp;
}

function deskApp(
  letters: readonly Letter[],
  keep: Keep,
  token: string | undefined,
  refusal: () => number | undefined,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.post('/messages', express.json({ limit: '16kb' }), (req, res) => {
    const status = refusal();
    if (status !== undefined) return void res.sendStatus(status);
    if (token !== undefined && req.get('authorization') !== `Bearer ${token}`)
      return void res.sendStatus(401);
    const sms = Sms.safeParse(req.body);
    const key = req.get('idempotency-key');
    if (!sms.success || !key) return void res.sendStatus(422);
    keep({ channel: 'sms', key, to: sms.data.to.replace(/^\+84/, '0'), subject: null, text: sms.data.text });
    res.status(202).json({ reference: `sms-${key}` });
  });
  app.get('/dev-mailbox', (req, res) => {
    const { to } = Query.parse(req.query);
    res.type('html').send(mailboxPage(letters, to));
  });
  return app;
}

const template = Handlebars.compile(readFileSync(new URL('mailbox.hbs', import.meta.url), 'utf8'), {
  strict: true,
});
const moment = new Intl.DateTimeFormat('vi-VN', {
  dateStyle: 'short',
  timeStyle: 'medium',
  timeZone: 'Asia/Ho_Chi_Minh',
});

function mailboxPage(letters: readonly Letter[], to: string | undefined): string {
  const shown = letters.filter((letter) => to === undefined || letter.to === to);
  return `<!doctype html>\n${template({
    to: to ?? null,
    recipients: [...new Set(letters.map((letter) => letter.to))].map((name) => ({
      name,
      address: `?to=${encodeURIComponent(name)}`,
    })),
    letters: shown.map((letter) => ({
      ...letter,
      kind: letter.channel === 'email' ? 'E-mail' : 'SMS',
      when: moment.format(new Date(letter.at)),
      parts: withLinks(letter.text),
    })),
  })}`;
}

/** Cuts a text at its addresses, so that they can be followed. */
function withLinks(text: string): { link?: string; text?: string }[] {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part) => (/^https?:\/\//.test(part) ? { link: part, text: '' } : { link: '', text: part }));
}
