import { defineSignal } from '@temporalio/workflow';

/** Tells the sketch that its task was decided. */
export const decided = defineSignal('decided');

/** What the sketch does outside the sandbox. */
export interface SketchActivities {
  ask(question: string): Promise<boolean>;
  openTask(code: string): Promise<void>;
  writeResult(code: string): Promise<void>;
}
