import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verify } from '../../records/signatures.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';

const folder = 'samples/construction-permit';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

interface Seen {
  documents: { id: string; document: string; level: string }[];
}

async function accepted(): Promise<string> {
  const code = await world.as('an').file(folder, samplePermit());
  await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
  return code;
}

const slipOf = (code: string, level: string) =>
  world
    .as('an')
    .until(code, ({ documents: [slip] }: Seen) => slip?.level === level)
    .then(({ documents: [slip] }: Seen) => slip!);

describe('the signatures of a document', () => {
  it('prove themselves for the archive from the start while the trust services answer', async () => {
    const slip = await slipOf(await accepted(), 'B-LTA');
    expect(slip.document).toBe('form-01');
  });

  it('are completed by themselves when the trust services answer again; the record says so, the signed bytes stay', async () => {
    await world.authority.down('timestamps', 'ocsp');
    const code = await accepted();
    const slip = await slipOf(code, 'B-B');
    const before = await fileOf(slip.id);
    const run = world.client.workflow.getHandle('augment-documents');
    const failure = async () => (await run.describe()).raw.pendingActivities?.[0]?.lastFailure;
    await expect.poll(failure).toBeTruthy();
    const told = await decodeOptionalFailureToOptionalError(
      world.client.options.loadedDataConverter,
      await failure(),
    );
    expect(told?.message).toMatch(/timestamps answers 503/);

    await world.authority.down();
    await slipOf(code, 'B-LTA');
    const after = await fileOf(slip.id);
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
    expect(verify(after)[0]).toMatchObject({ valid: true });
    await run.result();
    const { items } = (await world.as('vungtau.head').get(`/api/v1/cases/${code}/timeline`)).body;
    expect(items.filter(({ event }: { event: string }) => event === 'augmented')).toMatchObject([
      { details: { document: 'form-01', number: 1, level: 'B-LTA' } },
    ]);
  });

  it('wait for tomorrow where the file is lost, and keep no other document waiting', async () => {
    await world.authority.down('timestamps');
    const [lost, kept] = [await accepted(), await accepted()];
    const { id } = await slipOf(lost, 'B-B');
    await slipOf(kept, 'B-B');
    const documents = world.database.db('documents').where({ id });
    await documents.clone().update({ sha256: '0'.repeat(64) });
    await world.authority.down();
    await slipOf(kept, 'B-LTA');
    await world.client.workflow.getHandle('augment-documents').result();
    const [row] = await documents.clone().select('level', 'augment_due_at');
    const tomorrow = world.clock.now().getTime() + 23 * 3_600_000;
    expect(row.level).toBe('B-B');
    expect(row.augment_due_at.getTime()).toBeGreaterThan(tomorrow);
  });

  it('that were made with a certificate which turns out to be revoked are given up, and the record says why', async () => {
    await world.authority.down('ocsp');
    const code = await accepted();
    const slip = await slipOf(code, 'B-T');
    await world.authority.revoke('agencies', 'H29.16');
    await world.authority.down();
    const timeline = async (sub: string) =>
      (await world.as(sub).get(`/api/v1/cases/${code}/timeline`)).body.items as { event: string }[];
    await expect
      .poll(async () => (await timeline('vungtau.head')).at(-1), { timeout: 10_000 })
      .toMatchObject({
        event: 'not-augmented',
        details: { document: 'form-01', reason: expect.stringContaining('is revoked since') as string },
      });
    expect((await timeline('an')).map(({ event }) => event)).not.toContain('not-augmented');
    expect((await slipOf(code, 'B-T')).id).toBe(slip.id);
  });
});

async function fileOf(id: string): Promise<Buffer> {
  return (await world.as('an').get(`/api/v1/documents/${id}`)).body as Buffer;
}
