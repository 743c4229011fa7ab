import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { healthQuestions } from '../activities/agencies/health-questions.ts';
import type { Agencies, Asking } from '../activities/agencies/questions.ts';
import { HealthHistories, readSample, samplePeople } from '../embedded/samples.ts';
import { loadCaseFile } from '../records/case-file.ts';
import { fileApplication } from '../records/cases.ts';
import type { Database } from '../records/db.ts';
import { grantConsent, type Granted } from '../records/health-consents.ts';
import { recordOfCase } from '../records/health-records.ts';
import { procedures } from '../workflows/catalogue.ts';

/** A health record that is open, without a workflow behind its case. */
export interface OpenRecord {
  /** Of the record and of its Patient. */
  id: string;
  code: string;
  personalNumber: string;
}

const station = 'H29.25.16';

async function file(
  db: Database,
  sub: string,
  id: string,
  answers: Record<string, unknown>,
  at: Date,
): Promise<string> {
  const sample = JSON.parse(readFileSync('samples/health-record/application.json', 'utf8')) as {
    applicant: Record<string, unknown>;
  };
  const { name, personalNumber, roles } = samplePeople().people.find((person) => person.sub === sub)!;
  const filing = {
    actor: { sub, name, roles },
    at,
    procedure: { ...procedures.get(id)!, id },
    agency: station,
    applicant: { ...sample.applicant, fullName: name, personalNumber },
    answers,
    publicAnswers: {},
    papers: [],
    wrappedKey: randomBytes(32),
  };
  return (await db.transaction((trx) => fileApplication(trx, filing))).code;
}

const numberOf = (sub: string) => samplePeople().people.find((person) => person.sub === sub)!.personalNumber!;

/** Opens the record of a sample citizen as its procedure does, with what the sample registries know of them. */
export async function openRecord(
  db: Database,
  sub: string,
  at: Date,
  answers: Record<string, unknown> = {},
): Promise<OpenRecord> {
  const code = await file(db, sub, 'healthRecord', answers, at);
  const personalNumber = numberOf(sub);
  const known = readSample('health-histories.json', HealthHistories).people.find(
    (person) => person.personalNumber === personalNumber,
  );
  const agencies = {
    immunisations: { lookUpDoses: () => Promise.resolve({ doses: known?.doses ?? [] }) },
    insuranceClaims: { lookUpClaims: () => Promise.resolve({ claims: known?.claims ?? [] }) },
  } as Partial<Agencies> as Agencies;
  const asking: Asking = { db, file: await loadCaseFile(db, code), at, key: code };
  await healthQuestions.vaccinations(agencies, asking, {});
  await healthQuestions.insuranceClaims(agencies, asking, {});
  await healthQuestions.publishRecord(agencies, asking, {});
  const record = await recordOfCase(db, code);
  return { id: record!.id, code, personalNumber };
}

/** Grants a consent of a sample citizen; gives the code of its case. */
export async function consentOf(db: Database, sub: string, granted: Granted, at: Date): Promise<string> {
  const caseCode = await file(db, sub, 'healthConsent', { ...granted }, at);
  await grantConsent(db, { caseCode, personalNumber: numberOf(sub), at }, granted);
  return caseCode;
}
