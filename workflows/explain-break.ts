import type { History } from './histories.ts';

type Event = NonNullable<History['events']>[number];

/** Where a history and this code part, in words that a developer can act on. */
export interface Break {
  /** Number of the event in the history; 0 where Temporal does not tell. */
  event: number;
  sentence: string;
}

/** Says at which event a history does not go on as this code does, and what to write. */
export function explainBreak(history: History, error: Error): Break {
  const event = eventIn(history.events ?? [], error.message);
  const there = event ? nameOf(event) : 'other events';
  const here = /this code makes \\?"([^"\\]+)/.exec(error.message)?.[1];
  const differs = here
    ? `this code makes "${here}" where the history has ${there}`
    : `this code does not make what the history has here, ${there}`;
  return {
    event: Number(event?.eventId ?? 0),
    sentence: `${differs}: keep the old way for cases under way, if (patched('what has changed')) … else …`,
  };
}

/** The event that a message of Temporal names; the engine names the last one before, and what it meets is no step. */
function eventIn(events: Event[], message: string): Event | undefined {
  const named = /\bid: (\d+)/.exec(message)?.[1];
  if (named) return events.find(({ eventId }) => Number(eventId) === Number(named));
  const before = /after event (\d+)/.exec(message)?.[1];
  if (!before) return undefined;
  return events.find(
    (event) =>
      Number(event.eventId) > Number(before) &&
      event.markerRecordedEventAttributes &&
      !/^"step /.test(nameOf(event)),
  );
}

/** What people see of an event in the Temporal UI: the activity's type, the signal's name, or the event's own type. */
function nameOf(event: Event): string {
  const marker = event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data;
  if (marker) {
    const { activity_type: type } = JSON.parse(new TextDecoder().decode(marker)) as {
      activity_type?: string;
    };
    if (type) return `"${type}"`;
  }
  const type = event.activityTaskScheduledEventAttributes?.activityType?.name;
  if (type) return `"${type}"`;
  const attributes = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'an event';
  return attributes.replace('EventAttributes', '');
}
