import { randomUUID } from 'node:crypto';
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
export async function openRepair(api: TestApi, code: string, dueAt: Date): Promise<string> {
  const [opened] = await api
    .db('tasks')
    .insert({
      id: randomUUID(),
      case_code: code,
      name: 'repair',
      number: 1,
      role: 'specialist',
      agency: 'H29.16',
      context: { pole: 'VT-17' },
      opened_at: api.clock.now(),
      due_at: dueAt,
    })
    .returning<{ id: string }[]>('id');
  return opened?.id ?? '';
}
