import { writeFileSync } from 'node:fs';
import type { History } from '../workflows/histories.ts';
import proto from '@temporalio/proto';
import * as prettier from 'prettier';

const { EventType } = proto.temporal.api.enums.v1;
const { HistoryEvent } = proto.temporal.api.history.v1;
type Event = NonNullable<History['events']>[number];

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

const typeOf = ({ eventType }: Event): string =>
  (EventType[eventType ?? 0] ?? '')
    .replace('EVENT_TYPE_', '')
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** What the Temporal UI writes beside the event: the activity, the signal, or the summary in the case's own words. */
function aboutOf(event: Event): string {
  const marker = event.markerRecordedEventAttributes;
  const answered = read(marker?.details?.['data']?.payloads?.[0]?.data) as
    { activity_type?: string } | undefined;
  const activity = answered?.activity_type;
  const summary = read(event.userMetadata?.summary?.data);
  const signal = event.workflowExecutionSignaledEventAttributes?.signalName;
  return [activity, signal, summary].filter((part) => typeof part === 'string').join(': ');
}

function read(data: Uint8Array | null | undefined): unknown {
  if (!data) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
