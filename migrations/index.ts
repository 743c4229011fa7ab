import type { Knex } from 'knex';
import * as init from './0001_init.ts';
import * as calendars from './0002_calendars.ts';
import * as acts from './0005_acts.ts';
import * as personalAnswers from './0006_personal_answers.ts';
import * as legalClock from './0007_legal_clock.ts';
import * as recounts from './0008_recounts.ts';
import * as subCases from './0009_sub_cases.ts';
import * as warnings from './0010_warnings.ts';
import * as registers from './0011_registers.ts';
import * as parties from './0012_parties.ts';
import * as archive from './0013_archive.ts';
import * as corrections from './0014_corrections.ts';
import * as feePayments from './0015_fee_payments.ts';
import * as printouts from './0016_printouts.ts';
import * as signatureLevels from './0017_signature_levels.ts';
import * as lifeOfDocuments from './0018_life_of_documents.ts';
import * as knownSessions from './0020_known_sessions.ts';
import * as inbox from './0021_inbox.ts';
import * as drafts from './0022_drafts.ts';
import * as caseReads from './0023_case_reads.ts';
import * as ratings from './0024_ratings.ts';
import * as rateLimits from './0025_rate_limits.ts';
import * as settings from './0027_settings.ts';
import * as deliveries from './0028_deliveries.ts';
import * as phoneCodes from './0029_phone_codes.ts';
import * as connectors from './0030_connectors.ts';
import * as audit from './0031_audit.ts';
import * as draftsOfDocuments from './0032_drafts_of_documents.ts';
import * as competences from './0033_competences.ts';
import * as push from './0034_push.ts';
import * as templates from './0035_templates.ts';
import * as healthRecords from './0043_health_records.ts';
import * as amendments from './0040_amendments.ts';
import * as campaigns from './0041_campaigns.ts';
import * as incidents from './0046_incidents.ts';
import * as photos from './0047_photos.ts';
import * as progress from './0048_progress.ts';

const all: Record<string, Knex.Migration> = {
  '0001_init': init,
  '0002_calendars': calendars,
  '0005_acts': acts,
  '0006_personal_answers': personalAnswers,
  '0007_legal_clock': legalClock,
  '0008_recounts': recounts,
  '0009_sub_cases': subCases,
  '0010_warnings': warnings,
  '0011_registers': registers,
  '0012_parties': parties,
  '0013_archive': archive,
  '0014_corrections': corrections,
  '0015_fee_payments': feePayments,
  '0016_printouts': printouts,
  '0017_signature_levels': signatureLevels,
  '0018_life_of_documents': lifeOfDocuments,
  '0020_known_sessions': knownSessions,
  '0021_inbox': inbox,
  '0022_drafts': drafts,
  '0023_case_reads': caseReads,
  '0024_ratings': ratings,
  '0025_rate_limits': rateLimits,
  '0027_settings': settings,
  '0028_deliveries': deliveries,
  '0029_phone_codes': phoneCodes,
  '0030_connectors': connectors,
  '0031_audit': audit,
  '0032_drafts_of_documents': draftsOfDocuments,
  '0033_competences': competences,
  '0034_push': push,
  '0035_templates': templates,
  '0040_amendments': amendments,
  '0041_campaigns': campaigns,
  '0043_health_records': healthRecords,
  '0046_incidents': incidents,
  '0047_photos': photos,
  '0048_progress': progress,
};

/** Numbered migrations under names without extension, so that a compiled deployment finds the same ones. */
export const migrations: Knex.MigrationSource<string> = {
  getMigrations: () => Promise.resolve(Object.keys(all)),
  getMigrationName: (name) => name,
  getMigration: (name) => Promise.resolve(all[name] as Knex.Migration),
};
