import { createHmac } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import { required } from '../config.ts';
import type { Actor } from '../records/actor.ts';
import { handIn } from '../records/applications.ts';
import { competentAgencies } from '../records/competences.ts';
import { localDay } from '../records/local-day.ts';
import { countCall } from '../records/rate-limits.ts';
import { Refusal } from '../records/refusal.ts';
import { findUpload } from '../records/uploads.ts';
import { inForce } from '../workflows/catalogue.ts';
import { Reporter } from '../workflows/engine/form.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { actAs } from './act.ts';
import { checkApplication, completionOf } from './application-form.ts';
import type { Deps } from './deps.ts';
import { TooManyRequests } from './errors.ts';
import { cleanPhoto } from './pictures.ts';
import { CaseCode } from './schemas.ts';
import { wordFor } from './strangers.ts';

export const degrees = { lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) };
const Place = z.object(degrees).meta({ id: 'Place', description: 'Degrees (WGS 84)' });

/** A report as it is sent. */
export const NewReport = z
  .strictObject({
    service: z.string().max(40).meta({ example: 'street-light' }),
    place: Place,
    address: z.string().max(300).default(''),
    description: z.string().max(1000),
    details: z.record(z.string(), z.unknown()).default({}),
    occurredAt: z.iso.datetime({ offset: true }).optional(),
    urgent: z.boolean().default(false),
    reporter: Reporter.default({ hideName: false }),
    photos: z.array(z.uuid()).max(5).default([]).meta({ description: 'Ids of uploads' }),
  })
  .meta({ id: 'NewReport' });
export type NewReport = z.infer<typeof NewReport>;

export const Reported = z
  .object({
    code: CaseCode,
    word: z.string().optional().meta({
      description: 'Brings whoever was not signed in back to the report; told only now',
      example: '4F7K-2M9Q-XA3T',
    }),
  })
  .meta({ id: 'Reported' });

/** What somebody is told who has reported: whoever is not signed in, the word that brings them back. */
export const toldOf = (deps: Pick<Deps, 'config'>, { sub }: Actor, code: string): z.infer<typeof Reported> =>
  Reported.parse({ code, ...(sub.startsWith('anybody:') ? { word: wordFor(deps, code) } : {}) });

const day = 24 * 3_600_000;

/** The procedure of street reports in force: the one whose matter is an incident that anybody may report. */
export function incidentProcedure({ procedures, clock }: Pick<Deps, 'procedures' | 'clock'>): Procedure {
  const today = localDay(clock.now());
  const found = [...procedures.values()].find(
    (each) => each.incident && each.applicant === 'anybody' && inForce(each, today),
  );
  if (!found) throw new Refusal('not-offered', 'Ở đây không nhận phản ánh · No reports are taken here');
  return found;
}

/** How often one telephone number may stand in reports of a day. */
const perPhone = 10;

/**
 * Files a report in one act: the application of the procedure that takes reports, with its photos cleaned.
 *
 * @throws Refusal whatever filing an application throws, `too-many-reports`
 */
export async function fileReport(
  deps: Deps,
  req: Request,
  reporter: Actor,
  report: NewReport,
  channel: 'online' | 'counter' = 'online',
): Promise<string> {
  const procedure = incidentProcedure(deps);
  const agency = (await competentAgencies(deps.db, procedure.code))[0]?.code ?? '';
  const application = { ...applicationFor(procedure, report), agency, channel };
  const { handedIn, ...named } = checkApplication(deps, req, reporter, application);
  await cleanPhotos(deps, reporter, report.photos);
  await mustNotFloodByPhone(deps, report.reporter.phone);
  const { body } = await actAs(deps, req, reporter, async (by) => ({
    status: 201,
    body: await handIn(by.trx, by, handedIn, named, () => completionOf(deps, handedIn)),
  }));
  return Reported.parse(body).code;
}

/** A report as the application of a procedure, under the names that its facts give to what is reported. */
export function applicationFor({ code, incident }: Procedure, report: NewReport) {
  const { service, place, address, description, details, occurredAt, urgent, reporter, photos } = report;
  const names = incident!;
  return {
    procedure: code,
    applicant: reporter,
    answers: {
      [names.service]: service,
      [names.place]: place,
      [names.address]: address,
      [names.words]: description,
      [names.details]: details,
      ...(occurredAt ? { occurredAt } : {}),
      urgent,
    },
    papers: photos.map((upload) => ({ kind: names.photos, upload })),
  };
}

/** Cleans somebody's own uploads that are to be photos. */
export async function cleanPhotos(deps: Deps, owner: Actor, uploads: readonly string[]): Promise<void> {
  for (const id of uploads) await cleanPhoto(deps, await findUpload(deps.db, owner, id));
}

async function mustNotFloodByPhone({ db, clock, config }: Deps, phone: string | undefined): Promise<void> {
  if (!phone) return;
  // PostgreSQL keeps no number there, only a keyed hash.
  const mark = createHmac('sha256', required(config, 'SESSION_SECRET')).update(phone).digest('base64url');
  const { calls } = await countCall(db, `report-phone:${mark}`, clock.now(), day);
  if (calls <= perPhone) return;
  throw new TooManyRequests(
    'Số điện thoại này đã phản ánh nhiều lần hôm nay; khẩn cấp hãy gọi 1022 · This number has reported often today; when it is urgent call 1022',
  );
}
