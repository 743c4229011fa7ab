import proto from '@temporalio/proto';
import type { History } from './histories.ts';

const { EventType } = proto.temporal.api.enums.v1;
export type HistoryEvent = NonNullable<History['events']>[number];

/** The type of an event as Temporal's documentation writes it, for example `TimerStarted`. */
export const typeOf = ({ eventType }: HistoryEvent): string =>
  (EventType[eventType ?? 0] ?? '')
    .replace('EVENT_TYPE_', '')
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What the Temporal UI writes beside an event in clear: the activity, the signal, or the summary in the case's own words. */
export function aboutOf(event: HistoryEvent): string {
  const marker = event.markerRecordedEventAttributes;
  const answered = read(marker?.details?.['data']?.payloads?.[0]?.data) as
    { activity_type?: string } | undefined;
  const activity = answered?.activity_type;
  const summary = read(event.userMetadata?.summary?.data);
  const signal = event.workflowExecutionSignaledEventAttributes?.signalName;
  return [activity, signal, summary].filter((part) => typeof part === 'string').join(': ');
}

/** Tells a history in clear, a line for each event: its number, its instant, its type and what it is about. */
export function tellHistory({ events }: History): string[] {
  return (events ?? []).map((event) => {
    const { seconds } = event.eventTime ?? {};
    const at = seconds ? new Date(Number(seconds) * 1000).toISOString() : '';
    return `${String(event.eventId).padStart(5)}  ${at}  ${typeOf(event)}  ${aboutOf(event)}`.trimEnd();
  });
}

function read(data: Uint8Array | null | undefined): unknown {
  if (!data) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
