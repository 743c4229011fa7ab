import type { IssuedDocument } from '../../activities/documents/issue.ts';
import { reliably } from './activities.ts';
import type { CaseRun } from './case-run.ts';
import type { Correction, HandOver } from './engine-tasks.ts';
import type { Limit } from './legal-clock.ts';

/** How long an agency has to correct its own error in a result (Decree 118/2025 Art. 23.1). */
const correctionLimit: Limit = '3wd';

/**
 * Numbers, renders, signs and enters a document.
 *
 * @param corrects id of the result in whose place it is issued; it then says what that one said, with the corrections
 * @param supersedes id of the result in whose place it is issued, and which it says nothing of
 */
export async function issueDocument(
  run: CaseRun,
  document: string,
  data: Record<string, unknown>,
  { corrects, supersedes }: { corrects?: string; supersedes?: string | undefined } = {},
): Promise<IssuedDocument> {
  const facts = run.facts.documents[document];
  if (!facts) throw new Error(`the procedure declares no document "${document}"`);
  const number = run.next(`issue.${document}`);
  const at = new Date().toISOString();
  return reliably(run.shield, {
    verb: 'issue',
    object: document,
    summary: `Ban hành · Issue: ${facts.title.vi} · ${facts.title.en}`,
    args: [
      {
        case: run.start.code,
        document,
        number,
        facts: corrects ? { ...facts, signedBy: 'signCorrection' } : facts,
        at,
        data,
        ...(corrects ? { corrects } : {}),
        ...(supersedes ? { supersedes } : {}),
      },
    ],
  });
}

/** Issues a document that decides the case, or takes the place of one that did. */
export async function issueResult(
  run: CaseRun,
  document: string,
  data: Record<string, unknown>,
  inPlaceOf: { corrects?: string; supersedes?: string | undefined } = {},
): Promise<IssuedDocument> {
  const issued = await issueDocument(run, document, data, inPlaceOf);
  if (run.steps.state !== 10) {
    run.steps.add({ op: 'state', state: 9 });
    run.steps.add({ op: 'clock', to: 'stop' });
  }
  run.steps.add({ op: 'notice', notice: run.notice('result'), data: { document: issued.id } });
  return issued;
}

/**
 * Hands a result over. Who receives it online has it at once; on paper the case waits, and an error that is found then
 * takes it back into process, once more with three working days (Art. 23.1).
 */
export async function deliverResult(run: CaseRun, document: string, issued: IssuedDocument): Promise<void> {
  let last = issued;
  while ((run.start.receiveBy ?? 'online') !== 'online') {
    const { answer } = await run.perform('handOver', taskOf(run, 'handOver'), {
      context: { document: last.id },
    });
    const { result, wrong } = answer as HandOver;
    if (result === 'delivered') break;
    run.steps.add({ op: 'state', state: 4 }, 'Đính chính kết quả · Correct the result');
    run.steps.add({ op: 'clock', to: 'restart', limit: correctionLimit });
    const corrected = await correct(run, document, last.id, wrong);
    if (corrected) last = corrected;
    else {
      run.steps.add({ op: 'state', state: 9 });
      run.steps.add({ op: 'clock', to: 'stop' });
    }
  }
  run.steps.add({ op: 'state', state: 10 }, 'Trả kết quả · Deliver the result');
}

/** The course of a case that somebody has filed because a delivered result is wrong. */
export async function correctDelivered(run: CaseRun): Promise<string> {
  const { document, id } = run.start.corrects!;
  run.limit = correctionLimit;
  run.steps.add({ op: 'state', state: 2 }, 'Tiếp nhận đề nghị đính chính · Accept');
  run.steps.add({ op: 'clock', to: 'start', limit: run.limit });
  run.steps.add({ op: 'notice', notice: 'accepted', data: {} });
  run.steps.add({ op: 'state', state: 4 });
  run.letter('form-01');
  const corrected = await correct(run, document, id);
  if (!corrected) return 'not-corrected';
  await deliverResult(run, document, corrected);
  return 'corrected';
}

/** A specialist finds what is wrong, whoever signs such results signs again, and the new one takes the place of the old. */
async function correct(
  run: CaseRun,
  document: string,
  id: string,
  wrong?: string,
): Promise<IssuedDocument | undefined> {
  const context = { document: id, ...(wrong ? { wrong } : {}) };
  const signer = signerOf(run, document);
  for (;;) {
    const { answer } = await run.perform('correction', taskOf(run, 'correction'), { context });
    const { decision, reason } = answer as Correction;
    if (decision === 'refuse') return undefined;
    const signing = { ...taskOf(run, 'signCorrection'), by: signer };
    const signed = await run.perform('signCorrection', signing, { context: { ...context, reason } });
    if ((signed.answer as { decision: string }).decision === 'return') continue;
    if (!run.decided) await run.decide();
    await run.flush();
    return issueResult(run, document, {}, { corrects: id });
  }
}

/** The role that signs a result again: whoever signed it; for one that a campaign has signed, the leader of the agency. */
function signerOf({ facts }: CaseRun, document: string) {
  const signedBy = facts.documents[document]?.signedBy ?? '';
  const role = signedBy.startsWith('campaign.') ? 'leader' : facts.tasks[signedBy]?.by;
  if (!role) throw new Error(`nobody signs "${document}"`);
  return role;
}

function taskOf(run: CaseRun, name: string) {
  const task = run.facts.tasks[name];
  if (!task) throw new Error(`the procedure issues nothing, so there is no task "${name}"`);
  return task;
}
