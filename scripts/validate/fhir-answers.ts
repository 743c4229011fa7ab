import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createApp } from '../../api/app.ts';
import { LiveHub } from '../../api/live-hub.ts';
import { systemClock as clock } from '../../clock.ts';
import { CasePayloadCodec, openCaseKeys } from '../../codec/index.ts';
import { readConfig } from '../../config.ts';
import { openIssuer } from '../../credentials/issuer.ts';
import { startPostgres } from '../../embedded/postgres.ts';
import { sampleCity } from '../../embedded/samples.ts';
import { createLogger } from '../../log.ts';
import { applyCity } from '../../records/city.ts';
import { migrate, openDatabase, type Database } from '../../records/db.ts';
import { openObjectStore } from '../../records/objects.ts';
import { consentOf, openRecord, type OpenRecord } from '../../testing/health-records.ts';
import { sampleIdentity } from '../../testing/identity.ts';
import { procedures } from '../../workflows/catalogue.ts';
import { work } from './tools.ts';

/** What `/fhir` answered, by what was asked. */
export type FhirAnswers = Record<string, string>;

/** Asks `/fhir`, and gives the body as it came. */
type Ask = (
  sub: string,
  path: string,
  init?: { method?: string; body?: unknown; purpose?: string | undefined },
) => Promise<string>;

/**
 * Starts the API on a database of its own, lives a little with health records, and gives every kind of answer of `/fhir`: each type as a
 * resource, as a search set and in its history, the summary as a document, what was written, and what was refused.
 */
export async function fhirAnswers(): Promise<FhirAnswers> {
  const postgres = await startPostgres({ dataDir: join(work, 'fhir'), port: 0, durable: false });
  const db = openDatabase(postgres.url, 4);
  await migrate(db);
  await applyCity(db, sampleCity(), clock.now());
  const api = await serve(db, postgres.url);
  try {
    return await answersOf(db, api.ask);
  } finally {
    await api.close();
    await db.destroy();
    await postgres.stop();
  }
}

async function serve(db: Database, databaseUrl: string) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = readConfig({
    PUBLIC_URL: url,
    DATA_DIR: work,
    OIDC_ISSUER: url,
    ISSUER_KEY: Buffer.alloc(32, 8).toString('base64'),
    SESSION_SECRET: 's'.repeat(32),
  });
  const log = createLogger('validate', 'silent');
  const live = new LiveHub({ db, databaseUrl, clock, log });
  const keys = openCaseKeys(db, Buffer.alloc(32, 7).toString('base64'));
  server.on(
    'request',
    createApp({
      config,
      db,
      clock,
      log,
      live,
      procedures,
      objects: await openObjectStore(join(work, 'objects')),
      issuer: await openIssuer(config),
      identity: sampleIdentity(),
      codec: new CasePayloadCodec(keys),
      newCaseKey: () => keys.wrapNew(),
    }),
  );
  const ask: Ask = async (sub, path, { method = 'GET', body, purpose } = {}) => {
    const response = await fetch(`${url}${path.startsWith(url) ? path.slice(url.length) : path}`, {
      method,
      headers: {
        authorization: `Bearer ${sub}`,
        ...(purpose ? { 'x-purpose-of-use': purpose } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.text();
  };
  return {
    ask,
    async close() {
      await live.stop();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const observation = ({ id }: OpenRecord, value: number) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }], text: 'Glucose máu' },
  subject: { reference: `Patient/${id}` },
  effectiveDateTime: '2026-11-30',
  valueQuantity: { value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
});

interface Bundle {
  entry?: { resource: { resourceType: string; id: string } }[];
}

async function answersOf(db: Database, ask: Ask): Promise<FhirAnswers> {
  const now = clock.now();
  const record = await openRecord(db, 'an', now, {
    insuranceNumber: 'DN4790123456789',
    bloodType: 'O+',
    allergies: [{ substance: 'Penicillin', reaction: 'nổi mề đay', severity: 'severe' }],
    conditions: [{ name: 'Hen phế quản', icd10: 'J45.9', since: '2010-05-01' }],
    medications: [{ name: 'Salbutamol xịt', dosage: 'khi khó thở' }],
    emergencyContact: { name: 'Lê Thu Cúc', relation: 'vợ', phone: '0907654321' },
  });
  const to = `${now.getFullYear() + 1}-12-31`;
  await consentOf(
    db,
    'an',
    {
      recipient: 'H29.61',
      purpose: 'treatment',
      classes: ['summary', 'laboratory', 'medication'],
      sensitive: ['mentalHealth'],
      to,
    },
    now,
  );
  await consentOf(
    db,
    'an',
    { recipient: 'H29.62', purpose: 'education', classes: ['imaging'], sensitive: [], to },
    now,
  );
  const answers: FhirAnswers = {};
  const keep = async (name: string, answer: Promise<string>) => (answers[name] = await answer);
  const hospital = { purpose: 'TREAT' };

  await keep('CapabilityStatement', ask('an', '/fhir/metadata'));
  const created = await keep(
    'created Observation',
    ask('hospital', '/fhir/Observation', { ...hospital, method: 'POST', body: observation(record, 5.1) }),
  );
  const { id } = JSON.parse(created) as { id: string };
  await keep(
    'updated Observation',
    ask('hospital', `/fhir/Observation/${id}`, {
      ...hospital,
      method: 'PUT',
      body: observation(record, 5.2),
    }),
  );
  const parameter = [
    { name: 'identifier', valueString: record.personalNumber },
    { name: 'reason', valueString: 'Người bệnh hôn mê, cần biết dị ứng.' },
  ];
  await keep(
    'broken glass',
    ask('hospital.doctor', '/fhir/$break-glass', {
      method: 'POST',
      body: { resourceType: 'Parameters', parameter },
    }),
  );
  await ask('hospital.doctor', `/fhir/AllergyIntolerance?patient=${record.id}`, { purpose: 'ETREAT' });
  await ask('insurer', `/fhir/Condition?patient=${record.id}`, { purpose: 'COVERAGE' });

  const { rest } = JSON.parse(answers['CapabilityStatement']!) as {
    rest: { resource: { type: string; readHistory: boolean }[] }[];
  };
  for (const { type, readHistory } of rest[0]!.resource) {
    const found = await keep(`search ${type}`, ask('an', `/fhir/${type}`));
    for (const [index, { resource }] of ((JSON.parse(found) as Bundle).entry ?? []).entries()) {
      answers[`${type} ${index}`] = JSON.stringify(resource);
      if (!readHistory || index > 0) continue;
      await keep(`read ${type}`, ask('an', `/fhir/${type}/${resource.id}`));
      await keep(`history of ${type}`, ask('an', `/fhir/${type}/${resource.id}/_history`));
      if (type === 'Composition') {
        const document = `/fhir/Composition/${resource.id}/$document`;
        await keep('document for its citizen', ask('an', document));
        await keep('document for the hospital', ask('hospital', document, hospital));
      }
    }
  }
  await keep('history of a changed Observation', ask('an', `/fhir/Observation/${id}/_history`));
  await keep('a page', ask('an', '/fhir/Immunization?_count=1'));
  await keep('an empty search', ask('binh', '/fhir/Observation'));
  await keep('refused 400', ask('hospital', '/fhir/Patient?name=An', hospital));
  await keep('refused 401', ask('nobody', '/fhir/Patient'));
  await keep('refused 403', ask('vungtau.clerk', '/fhir/Patient'));
  await keep('refused 404', ask('insurer', `/fhir/Patient/${record.id}`, { purpose: 'RESEARCH' }));
  await keep(
    'refused 422',
    ask('hospital', '/fhir/Observation', {
      ...hospital,
      method: 'POST',
      body: { ...observation(record, 1), status: 'done', colour: 'red' },
    }),
  );
  return answers;
}
