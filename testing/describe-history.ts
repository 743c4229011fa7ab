import { writeFileSync } from 'node:fs';
import type { History } from '../workflows/histories.ts';
import { aboutOf, typeOf } from '../workflows/tell-history.ts';
import proto from '@temporalio/proto';
import * as prettier from 'prettier';

const { HistoryEvent } = proto.temporal.api.history.v1;

/** What each kind of event is for. */
const purposes: Record<string, string> = {
  WorkflowExecutionStarted:
    'The filing: the answers without personal data, and what the case can be searched by',
  WorkflowTaskScheduled: 'The case has heard something: a worker is asked to go on with the story',
  WorkflowTaskStarted: 'A worker has taken it',
  WorkflowTaskCompleted: 'The story has gone on to the next point where it waits for people',
  MarkerRecorded:
    'What one short activity answered: a step written to PostgreSQL, a question to an agency, a document',
  UpsertWorkflowSearchAttributes:
    'State and due date for the list of cases in the Temporal UI, when one of them has changed',
  TimerStarted: 'The one alarm of the case, armed for the earliest deadline that runs',
  TimerFired: 'The alarm has rung: the deadlines that have come are handled, and it is armed for the next',
  TimerCanceled: 'A deadline earlier than the armed one has come up',
  WorkflowExecutionSignaled: 'A person’s act, durable in PostgreSQL before',
  ActivityTaskScheduled: 'A call whose first try failed is tried on, visibly',
  ActivityTaskStarted: 'The call that was tried on has begun',
  ActivityTaskCompleted: 'The call that was tried on has succeeded',
  WorkflowExecutionCompleted: 'The outcome',
};

/** Writes the page that says what each event of a case's history is for. */
export async function describeHistory(history: History, file: string): Promise<void> {
  const events = history.events ?? [];
  const types = [...new Set(events.map(typeOf))];
  const bytes = events.reduce((sum, event) => sum + HistoryEvent.encode(event).finish().length, 0);
  const text = `# The history of a permit

Written by \`npm run record:history\` from a real, straightforward permit: filed, accepted, appraised, paid, drafted,
reviewed, approved, registered, issued. Its history has **${events.length} events** and ${Math.round(bytes / 1024)} kB
in clear; the same history is kept in \`workflows/construction-permit/histories/granted.json\`.

## How many events, and what for

| events | type | what for |
| --- | --- | --- |
${types.map((type) => `| ${events.filter((event) => typeOf(event) === type).length} | ${type} | ${purposes[type] ?? ''} |`).join('\n')}

## Event by event

| event | type | about |
| --- | --- | --- |
${events.map((event) => `| ${Number(event.eventId)} | ${typeOf(event)} | ${cell(aboutOf(event))} |`).join('\n')}
`;
  const options = await prettier.resolveConfig(file);
  writeFileSync(file, await prettier.format(text, { ...options, parser: 'markdown' }));
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
