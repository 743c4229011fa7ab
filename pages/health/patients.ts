import { Router, type Request, type Response } from 'express';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { actorIn } from '../../api/auth.ts';
import type { Deps } from '../../api/deps.ts';
import { saysEnough } from '../../api/fhir/emergencies.ts';
import { reading } from '../../api/fhir/reading.ts';
import { languageOf } from '../../api/language.ts';
import { purposeCalled, purposes, systems } from '../../fhir/codings.ts';
import { recordsAbout } from '../../records/fhir/concerned.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { searchResources } from '../../records/fhir/search.ts';
import { breakGlass } from '../../records/health-emergencies.ts';
import { Refusal } from '../../records/refusal.ts';
import { tellNext } from '../flash.ts';
import { sendPage } from '../page.ts';
import { fieldOf, formPost } from '../posts.ts';
import { inLanguage } from '../problems.ts';
import { entriesOf, type Shown } from './entries.ts';

const reads = may('read', 'health-records');

/** What a health worker is shown of a patient; nothing where no consent covers it. */
interface Seen {
  name: string;
  birthDate: string;
  parts: Shown[];
}

/** Looking a patient up, for health workers and others to whom citizens consent; numbers stand in no address. */
export function patients(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/health/patients', reads, (req, res) => show(req, res, {}));

  router.post('/health/patients', reads, formPost, async (req, res) => {
    const number = fieldOf(req, 'number').trim();
    const purpose = purposeCalled(fieldOf(req, 'purpose'));
    if (!/^\d{12}$/.test(number) || !purpose)
      return show(req, res.status(422), { personalNumber: number, purpose, wrong: true });
    const reader: Reader = { actor: actorIn(req), at: clock.now(), purpose };
    const seen = await look(reader, number, req);
    show(req, res, { personalNumber: number, purpose, seen, asked: true });
  });

  router.post('/health/emergencies', may('change', 'health-records'), formPost, async (req, res) => {
    const wanted = { personalNumber: fieldOf(req, 'number').trim(), reason: fieldOf(req, 'reason').trim() };
    if (!saysEnough(wanted)) return show(req, res.status(422), { ...wanted, noReason: true });
    try {
      await act(deps, req, async ({ trx, actor, at }) => {
        await breakGlass(trx, { actor, at }, wanted);
        return { status: 204, body: null };
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const problem = inLanguage(error.message, languageOf(req));
      return show(req, res.status(404), { ...wanted, problem });
    }
    await tellNext(req, {
      vi: 'Đã mở khẩn cấp trong 24 giờ. Người bệnh đã được báo; việc này sẽ được kiểm tra.',
      en: 'Opened for 24 hours. The patient has been told, and this will be reviewed.',
    });
    res.redirect(303, '/health/patients');
  });

  return router;

  /** Reads what a purpose lets see; the entry of the access is made also where that is nothing. */
  function look(reader: Reader, number: string, req: Request): Promise<Seen | undefined> {
    const search = {
      identifiers: [`${systems.personalNumber}|${number}`],
      dates: [],
      updated: [],
      count: 1,
    };
    return reading(db, reader, { action: 'read', type: undefined }, async (trx) => {
      const about = await recordsAbout(trx, 'Patient', search);
      const [found] = (await searchResources(trx, reader, 'Patient', search)).rows;
      if (found?.resource?.resourceType !== 'Patient') return { answer: undefined, records: about, found: 0 };
      const parts = await entriesOf(trx, reader, found.recordId, languageOf(req));
      const { name, birthDate = '' } = found.resource;
      const answer = {
        name: name?.[0]?.text ?? '',
        birthDate: birthDate.split('-').reverse().join('/'),
        parts: parts.filter(({ entries }) => entries.length > 0),
      };
      return { answer, records: about, found: 1 };
    });
  }

  function show(req: Request, res: Response, data: Record<string, unknown>): void {
    const language = languageOf(req);
    sendPage(req, res, 'health/patients', {
      title: { vi: 'Hồ sơ người bệnh', en: 'A patient’s record' },
      personalNumber: '',
      reason: '',
      seen: undefined,
      asked: false,
      wrong: false,
      noReason: false,
      problem: undefined,
      ...data,
      purposes: Object.entries(purposes).map(([value, text]) => ({
        value,
        text: text[language],
        chosen: value === (data['purpose'] ?? 'treatment'),
      })),
      clinician: actorIn(req).roles.includes('clinician'),
    });
  }
}
