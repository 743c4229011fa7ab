import { randomUUID } from 'node:crypto';
import { vouchedBy } from '../api/claims.ts';
import type { Answer } from '../embedded/person.ts';
import { samplePeople } from '../embedded/samples.ts';
import type { Actor } from '../records/actor.ts';
import { noteOfficer } from '../records/people.ts';
import type { TestApi } from './api.ts';
import { applicant, files } from './street-light.ts';

/** Uploads a file as a sample person; gives the upload's id. */
export async function upload(api: TestApi, sub: string): Promise<string> {
  const person = await api.as(sub);
  const answer = await person.post('/api/v1/uploads').attach('file', files.jpeg, 'ảnh đèn.jpg').expect(201);
  return (answer.body as { id: string }).id;
}

/** A right application of Nguyễn Văn An, whose photo is uploaded already. */
export async function application(api: TestApi) {
  return {
    procedure: 'streetLight',
    agency: 'H29.16',
    applicant,
    answers: { pole: 'VT-17', witnesses: [{ fullName: 'Trần Thị Bình' }] },
    papers: [{ kind: 'photo', upload: await upload(api, 'an') }],
  };
}

/** Files a case of Nguyễn Văn An at the ward of Vũng Tàu. */
export async function fileCase(api: TestApi): Promise<string> {
  const an = await api.as('an');
  const answer = await an
    .post('/api/v1/applications')
    .set('Idempotency-Key', randomUUID())
    .send(await application(api))
    .expect(201);
  return (answer.body as { code: string }).code;
}

/** Opens the repair of a case for the ward's specialists, as its workflow would. */
export function openRepair(api: TestApi, code: string, dueAt: Date): Promise<string> {
  return openTask(api, code, { due_at: dueAt });
}

/** Opens a task of a case as its workflow would: the repair by the ward's specialists, where `row` says nothing else. */
export async function openTask(
  api: TestApi,
  code: string,
  row: {
    name?: string;
    role?: string;
    agency?: string | null;
    not_by?: string[];
    due_at?: Date;
    expires_at?: Date;
  },
): Promise<string> {
  const id = randomUUID();
  await api.db('tasks').insert({
    id,
    case_code: code,
    name: 'repair',
    number: 1,
    role: 'specialist',
    agency: 'H29.16',
    context: { pole: 'VT-17' },
    opened_at: api.clock.now(),
    ...row,
  });
  return id;
}

/** Officers who have signed in, some of whom the sample city does not have; gives requests in their names. */
export class Officers {
  readonly #api: TestApi;
  readonly #claims = new Map<string, Record<string, unknown>>();

  constructor(api: TestApi) {
    this.#api = api;
  }

  /** Lets somebody sign in whose claims differ from those of a sample person. */
  async signIn(sub: string, like = sub, claims: Partial<Actor> = {}): Promise<void> {
    this.#claims.set(sub, { like, ...claims });
    const person = samplePeople().people.find((each) => each.sub === like);
    const actor = vouchedBy({ ...person, sub, ...claims })?.actor;
    if (!actor) throw new Error(`there is no sample person ${like}`);
    await noteOfficer(this.#api.db, actor, this.#api.clock.now());
  }

  /** Sends a request with a fresh Idempotency-Key. */
  async request(
    sub: string,
    method: 'get' | 'post' | 'put' | 'delete',
    path: string,
    body?: object,
  ): Promise<Answer> {
    const { like = sub, ...claims } = this.#claims.get(sub) ?? {};
    const token = await this.#api.token(like as string, { ...claims, sub });
    const request = this.#api.stranger[method](path).auth(token, { type: 'bearer' });
    const answer = await request.set('Idempotency-Key', randomUUID()).send(body);
    return { status: answer.status, body: answer.body };
  }
}
