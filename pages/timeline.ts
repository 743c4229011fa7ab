import type { Language } from '../api/language.ts';
import { concernsApplicant, isMilestone, sayEntry } from '../api/timeline-words.ts';
import type { TimelineEntry } from '../records/case-timeline.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { performer } from './words.ts';

/** An entry of a case's record in plain words. */
export interface ToldEntry {
  at: string;
  text: string;
  who: string;
  /** Where the case has come to a new state. */
  milestone: boolean;
}

/**
 * Tells the record of a case in plain words, the latest first.
 *
 * @param all whether to tell also what only officers care about
 */
export function tellTimeline(
  entries: readonly TimelineEntry[],
  procedure: Procedure | undefined,
  language: Language,
  all: boolean,
): ToldEntry[] {
  return entries
    .filter((entry) => all || concernsApplicant(entry))
    .map((entry) => ({
      at: entry.at,
      text: sayEntry(entry, procedure)[language],
      who: whoDid(entry, language),
      milestone: isMilestone(entry),
    }))
    .reverse();
}

/** Officers are named, citizens by what they are in the case; the engine is not worth a word. */
function whoDid({ actor }: TimelineEntry, language: Language): string {
  if (actor.roles.length === 0) return '';
  if (actor.name) return actor.name;
  return performer(actor.roles[0] ?? '')[language];
}
