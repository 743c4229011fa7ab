import { expect } from 'vitest';
import { faultsOf } from '../fhir/validate.ts';
import { startApi, type TestApi } from './api.ts';
import { consentOf, openRecord, type OpenRecord } from './health-records.ts';

/** An answer of `/fhir`. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  // Tests read what they expect.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** The API with two open records; the hospital may treat the first citizen, an insurer may see laboratory results. */
export interface FhirOffice {
  api: TestApi;
  an: OpenRecord;
  binh: OpenRecord;
  /** What time it is; tests move it. */
  time: { now: Date };
  call: (
    sub: string,
    method: 'get' | 'post' | 'put',
    path: string,
    sent?: { headers?: Record<string, string>; body?: unknown },
  ) => Promise<Answer>;
  /** Reads for treatment, unless told. */
  get: (sub: string, path: string, headers?: Record<string, string>) => Promise<Answer>;
}

/** What a hospital says that it reads for. */
export const treat = { 'X-Purpose-Of-Use': 'TREAT' };

/** Opens two records and what is shared of them. */
export async function openFhirOffice(): Promise<FhirOffice> {
  const time = { now: new Date('2026-12-01T02:00:00Z') };
  const api = await startApi({ clock: { now: () => time.now } });
  const an = await openRecord(api.db, 'an', time.now, {
    allergies: [{ substance: 'Penicillin', reaction: 'nổi mề đay', severity: 'severe' }],
    bloodType: 'O+',
  });
  const binh = await openRecord(api.db, 'binh', time.now);
  const granted = { from: '2026-12-01', to: '2027-11-30', sensitive: [] };
  const toHospital = { recipient: 'H29.61', purpose: 'treatment' } as const;
  const toInsurer = { recipient: 'H29.62', purpose: 'insurance' } as const;
  const seen = ['summary' as const, 'laboratory' as const, 'medication' as const];
  await consentOf(api.db, 'an', { ...granted, ...toHospital, classes: seen }, time.now);
  await consentOf(api.db, 'an', { ...granted, ...toInsurer, classes: ['laboratory'] }, time.now);
  const call: FhirOffice['call'] = async (sub, method, path, { headers = {}, body } = {}) => {
    const agent = await api.as(sub);
    const request = agent[method](`/fhir${path}`).set(headers);
    if (body === undefined) return request;
    return request.set('Content-Type', 'application/fhir+json').send(JSON.stringify(body));
  };
  return {
    api,
    an,
    binh,
    time,
    call,
    get: (sub, path, headers = treat) => call(sub, 'get', path, { headers }),
  };
}

/** A measurement as a hospital sends it. */
export const glucose = (patient: string, more: Record<string, unknown> = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }], text: 'Glucose máu' },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-12-01',
  valueQuantity: { value: 5.1, unit: 'mmol/L' },
  ...more,
});

/** Expects an answer to say what is wrong as FHIR does. */
export function expectOutcome({ headers, body }: Answer): void {
  expect(headers['content-type']).toMatch(/^application\/fhir\+json/);
  expect(body).toMatchObject({ resourceType: 'OperationOutcome' });
  expect(faultsOf(body)).toEqual([]);
}
