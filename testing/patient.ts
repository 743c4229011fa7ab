import { join } from 'node:path';
import { Person, type Answer } from '../embedded/person.ts';
import { reasonOf } from '../embedded/trouble.ts';

/** Longer than any process needs to be back at work after `kill -9`. */
export const patienceMs = 75_000;
const pauseMs = 100;
const tryMs = 10_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));

/**
 * Asks again until there is an answer that counts: a lost connection, a timeout and a 5xx say nothing about
 * whether the request was done.
 */
export async function insist<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  withinMs = patienceMs,
): Promise<T> {
  const end = Date.now() + withinMs;
  let last = 'no answer';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = reasonOf(error);
    }
    if (Date.now() > end) throw new Error(`${what}: ${last}`);
    await pause();
  }
}

/** A person whose client does what every client of an API with `Idempotency-Key` should: it sends again, with the same key. */
export class Patient {
  readonly #person: Person;

  constructor(person: Person) {
    this.#person = person;
  }

  static async signIn(url: string, sub: string): Promise<Patient> {
    return new Patient(await insist(`the token of ${sub}`, () => Person.signIn(url, sub)));
  }

  /** Sends a request until it is answered for good: with a 2xx or a 4xx. */
  request(method: string, path: string, body?: unknown): Promise<Answer> {
    const key = { 'idempotency-key': crypto.randomUUID() };
    return insist(`${method} ${path}`, async () => {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('no answer in time')), tryMs).unref();
      });
      const answer = await Promise.race([this.#person.request(method, path, body, key), late]);
      return answer.status < 500 ? answer : undefined;
    });
  }

  /** Uploads a file. */
  upload(path: string): Promise<string> {
    return insist(`the upload of ${path}`, () => this.#person.upload(path));
  }

  /** Uploads the papers that lie beside an application and files it; gives the case code. */
  async file(folder: string, application: Record<string, unknown>): Promise<string> {
    const papers = [];
    for (const { file, ...paper } of (application['papers'] ?? []) as { kind: string; file: string }[])
      papers.push({ ...paper, upload: await this.upload(join(folder, file)) });
    const answer = await this.request('POST', '/api/v1/applications', { ...application, papers });
    if (answer.status !== 201) throw new Error(`filing: ${answer.status} ${JSON.stringify(answer.body)}`);
    return (answer.body as { code: string }).code;
  }

  /** Waits until this person has the task of a case and gives its id. */
  task(code: string, name: string): Promise<string> {
    const query = new URLSearchParams({ case: code, name });
    return insist(`the task ${name} of ${code}`, async () => {
      const { body } = await this.request('GET', `/api/v1/tasks?${query.toString()}`);
      return (body as { items?: { id: string }[] }).items?.[0]?.id;
    });
  }

  /** Waits for a task and completes it. */
  async complete(code: string, name: string, answer: unknown): Promise<Answer> {
    const id = await this.task(code, name);
    return this.request('POST', `/api/v1/tasks/${id}/complete`, { answer });
  }

  /** Waits until a case has come so far. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  until(code: string, reached: (view: any) => boolean): Promise<any> {
    return insist(`${code} came so far`, async () => {
      const { status, body } = await this.request('GET', `/api/v1/cases/${code}`);
      return status === 200 && reached(body) ? (body as unknown) : undefined;
    });
  }
}
