import type { Actor } from './actor.ts';
import { knownAnswers } from './answers.ts';
import { contactOf } from './contacts.ts';
import type { Database } from './db.ts';
import { listBrowsers } from './push-subscriptions.ts';

/**
 * Gives a citizen everything that is kept about them as an applicant: their cases with what was said, the files, drafts, notices and
 * who has read them (Law on Personal Data Protection 91/2025/QH15: the right to obtain one's data). Files are named by
 * their SHA-256 and taken from their cases.
 */
export async function exportData(db: Database, { sub }: Actor, at: Date): Promise<Record<string, unknown>> {
  const [cases, papers, documents, reads, drafts, notices, contact, browsers] = await Promise.all([
    db('cases')
      .where({ applicant_sub: sub })
      .orderBy('filed_at')
      .select(
        'code',
        'procedure_code',
        'agency',
        'state',
        'filed_at',
        'accepted_at',
        'due_at',
        'closed_at',
        'outcome',
      )
      .select('applicant', db.raw(`${knownAnswers('cases')} AS answers`)),
    db('case_papers')
      .join('uploads', 'uploads.id', 'case_papers.upload_id')
      .join('cases', 'cases.code', 'case_papers.case_code')
      .where({ applicant_sub: sub })
      .orderBy(['case_papers.case_code', 'number'])
      .select('case_papers.case_code as code', 'kind', 'file_name', 'media_type', 'size', 'sha256'),
    db('documents')
      .join('cases', 'cases.code', 'documents.case_code')
      .where({ applicant_sub: sub })
      .orderBy(['documents.case_code', 'issued_at'])
      .select(
        'documents.case_code as code',
        'documents.id',
        'document',
        'title',
        'register_number',
        'issued_at',
      ),
    db('case_reads')
      .join('cases', 'cases.code', 'case_reads.case_code')
      .where({ applicant_sub: sub })
      .orderBy('first_at')
      .select('case_code as code', 'day', 'reader'),
    db('drafts')
      .where({ owner_sub: sub })
      .select('about', 'filled', 'created_at', 'updated_at', 'expires_at'),
    db('notices')
      .where({ recipient_sub: sub })
      .orderBy('at')
      .select('case_code as code', 'subject', 'body', 'at'),
    contactOf(db, sub),
    listBrowsers(db, sub),
  ]);
  return {
    exportedAt: at.toISOString(),
    cases,
    papers,
    documents,
    reads,
    drafts,
    notices,
    contact,
    browsers,
  };
}
