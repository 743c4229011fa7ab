import { ChildWorkflowCancellationType, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import type { z } from 'zod';
import type { FiledSubCase } from '../../activities/sub-cases.ts';
import { reliably } from './activities.ts';
import type { CaseRun } from './case-run.ts';
import { both } from './form.ts';
import { attributesOf } from './attributes.ts';
import type { SubCaseEnd } from './engine-tasks.ts';

/**
 * Opens a case of another procedure and waits for its end.
 *
 * The sub-case is a case like any other: its row, record and key are written first, and its end reaches this case through
 * the outbox. Temporal's child workflow only starts it and shows the two together; if Temporal loses everything, the
 * outbox starts both again.
 */
export async function openSubCase(run: CaseRun, name: string): Promise<z.infer<typeof SubCaseEnd>> {
  const facts = run.facts.subCases?.[name];
  const task = run.facts.tasks[`case.${name}`];
  if (!facts || !task) throw new Error(`the procedure declares no sub-case "${name}"`);
  const ended = await run.perform(`case.${name}`, task, {
    ...(facts.agency ? { consultation: facts.agency } : {}),
    opened: (id) => void run.shield.run(() => start(run, name, id, both(facts.title))),
  });
  return ended.answer as z.infer<typeof SubCaseEnd>;
}

async function start(run: CaseRun, name: string, task: string, title: string): Promise<void> {
  const filed: FiledSubCase = await reliably(run.shield, {
    verb: 'file',
    object: name,
    summary: `Mở hồ sơ thành phần · Open a sub-case: ${title}`,
    args: [{ case: run.start.code, task, name, at: new Date().toISOString() }],
  });
  try {
    await startChild(filed.procedure, {
      workflowId: filed.start.code,
      args: [filed.start],
      staticSummary: `${filed.start.code} · ${filed.title}`,
      typedSearchAttributes: attributesOf({ ...filed, code: filed.start.code }),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    });
  } catch (error) {
    // The relay was faster, as it tells again what Temporal has lost; or it has ended already.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
