import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What the API answered. */
export interface Answer {
  status: number;
  // Tests read what they expect; the schemas of the API are tested beside the API.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

const refused = (what: string, { status, body }: Answer) =>
  new Error(`${what}: ${status} ${JSON.stringify(body)}`);

const patienceMs = 15_000;

/** A person or machine who speaks to the API as any client would. */
export class Person {
  readonly #url: string;
  readonly #token: string;
  readonly #before: () => Promise<void>;

  /** @param before run before each request, for example to set a test's clock */
  constructor(url: string, token: string, before: () => Promise<void> = () => Promise.resolve()) {
    this.#url = url;
    this.#token = token;
    this.#before = before;
  }

  /** Signs a sample person in at the embedded identity provider. */
  static async signIn(url: string, sub: string): Promise<Person> {
    const response = await fetch(`${url}/dev-idp/token/${encodeURIComponent(sub)}`);
    const token = await response.text();
    if (!response.ok) throw new Error(`no token for ${sub}: ${token.trim()}`);
    return new Person(url, token.trim());
  }

  /** Sends a request with the person's token and, for acts, a new idempotency key. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    await this.#before();
    const form = body instanceof FormData;
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    const json = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      body: json ? await response.json() : Buffer.from(await response.arrayBuffer()),
    };
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  /** Uploads a file and gives its id. */
  async upload(path: string): Promise<string> {
    const form = new FormData();
    form.append('file', new Blob([readFileSync(path)]), basename(path));
    const answer = await this.request('POST', '/api/v1/uploads', form);
    if (answer.status !== 201) throw refused(`upload of ${path}`, answer);
    return (answer.body as { id: string }).id;
  }

  /** Uploads the papers that lie beside an application and files it; gives the case code. */
  async file(folder: string, application: Record<string, unknown>): Promise<string> {
    const files = (application['papers'] ?? []) as { kind: string; file: string }[];
    const papers = [];
    for (const { file, ...paper } of files)
      papers.push({ ...paper, upload: await this.upload(join(folder, file)) });
    const answer = await this.request('POST', '/api/v1/applications', { ...application, papers });
    if (answer.status !== 201) throw refused('filing', answer);
    return (answer.body as { code: string }).code;
  }

  /** Waits until this person has the task of a case and gives it. */
  async task(code: string, name: string): Promise<{ id: string; case: string }> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const query = new URLSearchParams({ case: code, name });
      const answer = await this.get(`/api/v1/tasks?${query.toString()}`);
      const [task] = (answer.body as { items?: { id: string; case: string }[] }).items ?? [];
      if (task) return task;
      if (Date.now() > end) throw new Error(`the task ${name} of ${code} never came`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Waits for a task and completes it. */
  async complete(code: string, name: string, answer: unknown): Promise<Answer> {
    const { id } = await this.task(code, name);
    return this.request('POST', `/api/v1/tasks/${id}/complete`, { answer });
  }

  /** Waits until a case has come so far. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async until(code: string, reached: (view: any) => boolean): Promise<any> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const answer = await this.get(`/api/v1/cases/${code}`);
      if (answer.status === 200 && reached(answer.body)) return answer.body;
      if (Date.now() > end) throw new Error(`${code} never came so far: ${JSON.stringify(answer.body)}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
