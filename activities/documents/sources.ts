import type { CaseFile } from '../../records/case-file.ts';
import type { Database } from '../../records/db.ts';
import { termsOf } from './consent-terms.ts';
import { summaryOf } from './health-summary.ts';

/** What a document also says and what is attached to it, beside what its story hands over. */
export interface Gathered {
  data: Record<string, unknown>;
  attachments: Attachment[];
}

/** A file attached to a document: what machines read. */
export interface Attachment {
  name: string;
  mediaType: string;
  /** What readers of the document are told that it is. */
  description: string;
  content: string;
}

/** What gathering works with. */
export interface Gathering {
  db: Database;
  file: CaseFile;
  publicUrl: string;
  at: Date;
}

/** How what a document also says is gathered, by the names that facts give it; outside the sandbox, as it is about people. */
export const sources = {
  healthSummary: summaryOf,
  consentTerms: termsOf,
} as const satisfies Record<string, (gathering: Gathering) => Promise<Gathered>>;

export type Source = keyof typeof sources;
