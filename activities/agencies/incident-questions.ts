import { mergeIncident } from '../../records/followers.ts';
import { routeIncident, type Routing } from '../../records/incidents.ts';
import { publish } from '../../records/public-reports.ts';
import type { Limit } from '../../workflows/engine/legal-clock.ts';
import type { Ask } from './questions.ts';

/** What a story about an incident asks and has done, all of it in our own records. */
export interface IncidentQuestions {
  /** Who deals with it, and how soon? An officer may have chosen another service, lead agency or team. */
  routing: {
    question: { service?: string; lead?: string; team?: string };
    answer: Omit<Routing, 'verify' | 'forward' | 'acknowledge' | 'resolve'> &
      Record<'verify' | 'forward' | 'acknowledge' | 'resolve', Limit>;
  };
  /** Lets words become public, which a person has looked at. */
  publish: {
    question: { kind: 'words' | 'interim' | 'answer'; text: string; document?: string };
    answer: { published: true };
  };
  /** Merges it into another report about the same; whoever followed it follows that one. */
  merge: { question: { into: string }; answer: { merged: boolean } };
}

export const incidentQuestions: { [Q in keyof IncidentQuestions]: Ask<Q> } = {
  async routing(_agencies, { db, file }, wish) {
    // Limits of services are checked when they are set.
    return (await routeIncident(db, file.code, wish)) as IncidentQuestions['routing']['answer'];
  },

  async publish(_agencies, { db, file, at, key }, { kind, text, document }) {
    const number = Number(key.slice(key.lastIndexOf('/') + 1));
    await publish(db, { code: file.code, number, kind, text, document: document ?? null, at });
    return { published: true };
  },

  async merge(_agencies, { db, file, at }, { into }) {
    return { merged: await mergeIncident(db, file.code, into, at) };
  },
};
