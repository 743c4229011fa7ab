import { Router } from 'express';
import { z } from 'zod';
import { everybody } from '../../api/abilities.ts';
import { campaignsFor } from '../../api/campaigns.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import type { Actor } from '../../records/actor.ts';
import { listReceivingAgencies } from '../../records/city.ts';
import { competencesOf, competentAgencies } from '../../records/competences.ts';
import { listTariffs } from '../../records/fees.ts';
import { localDay } from '../../records/local-day.ts';
import { Refusal } from '../../records/refusal.ts';
import { listServices } from '../../records/services.ts';
import { listWindows } from '../../records/windows.ts';
import { filerOf, inForce } from '../../workflows/catalogue.ts';
import type { Procedure, Text } from '../../workflows/engine/index.ts';
import { filingNotes, generalNote } from '../filing-notes.ts';
import { sendPage } from '../page.ts';
import { folded, performer, sayLimit, sayMoney, saySilence } from '../words.ts';
import { drawSteps } from './diagram.ts';

const Query = z.object({
  q: z.string().trim().max(100).default(''),
  event: z.string().max(100).default(''),
  agency: z.string().max(40).default(''),
});
const Path = z.object({ code: z.string().regex(/^\d\.\d{6}$/) });

/** The catalogue of procedures, and the page of each, generated from its facts. */
export function catalogue(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/procedures', everybody, async (req, res) => {
    const { q, event, agency } = checkAddress(req, Query, req.query);
    const language = languageOf(req);
    const offered = proceduresInForce(deps).filter((procedure) => mayFile(req.actor, procedure));
    const codes = offered.map((procedure) => procedure.code);
    const [windows, receives, agencies] = await Promise.all([
      listWindows(db),
      competencesOf(db, codes),
      listReceivingAgencies(db),
    ]);
    const receiving = agencies.filter(({ code }) => [...receives.values()].some((those) => those.has(code)));
    const found = offered
      .filter((procedure) => q === '' || matches(procedure, q))
      .filter(({ lifeEvent }) => !event || lifeEvent?.[language] === event)
      .filter(({ code }) => !agency || receives.get(code)?.has(agency))
      .map(({ code, title, limit, lifeEvent, ...facts }) => ({
        code,
        title: title[language],
        ofAgency: filerOf(facts) !== undefined,
        limit: sayLimit(limit)[language],
        event: lifeEvent?.[language] ?? '',
        note: generalNote(windows, code, clock.now(), language, facts.membership !== undefined),
      }))
      .sort((a, b) => a.title.localeCompare(b.title, language));
    sendPage(req, res, 'citizen/procedures', {
      title: { vi: 'Thủ tục hành chính', en: 'Procedures' },
      q,
      found,
      none: found.length === 0,
      events: lifeEvents(offered, language).map((name) => ({
        name,
        chosen: name === event,
        href: `/procedures?${new URLSearchParams({ event: name, ...(agency ? { agency } : {}) }).toString()}`,
      })),
      event,
      agencies: receiving.map(({ code, name }) => ({ code, name: name[language], chosen: code === agency })),
    });
  });

  router.get('/procedures/:code', everybody, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const procedure = procedureByCode(deps, code);
    const filer = filerOf(procedure);
    const language = languageOf(req);
    sendPage(req, res, 'citizen/procedure', {
      ...factsOf(procedure, language),
      title: procedure.title,
      ...(await filingNotes(db, code, clock.now(), language, procedure.membership !== undefined)),
      tariffs: (await listTariffs(db, code, localDay(clock.now()))).map(({ agency, item, amount }) => ({
        agency: agency[language],
        item,
        amount: sayMoney(amount, language),
      })),
      campaigns: procedure.membership ? await campaignsFor(deps, req, code) : [],
      receivedBy: (await competentAgencies(db, code)).map(({ name }) => name[language]),
      incident: procedure.incident !== undefined,
      services: procedure.incident ? await servicesOf(procedure.code, language) : [],
      filer: filer && performer(filer)[language],
      mayApply: req.actor ? req.actor.roles.includes(filer ?? 'citizen') : !filer,
      mayTakeIn: !filer && (req.actor?.roles.includes('reception') ?? false),
      today: localDay(clock.now()),
    });
  });

  return router;

  /** What can be reported, as the city's data say. */
  async function servicesOf(code: string, language: Language) {
    const services = (await listServices(db, code)).filter(({ offered }) => offered);
    return services.map(({ name, group, acknowledge, resolve }) => ({
      name: name[language],
      group: group[language],
      acknowledge: sayLimit(acknowledge)[language],
      resolve: sayLimit(resolve)[language],
    }));
  }
}

/** Whether somebody is offered a procedure: what citizens apply for is everybody's to see, the rest whose role files it. */
export function mayFile(actor: Actor | undefined, procedure: Procedure): boolean {
  const filer = filerOf(procedure);
  return !filer || (actor?.roles.includes(filer) ?? false);
}

/** The life events for which there is a procedure, in alphabetical order. */
export const lifeEvents = (offered: readonly Procedure[], language: Language): string[] =>
  [...new Set(offered.flatMap(({ lifeEvent }) => lifeEvent?.[language] ?? []))].sort((a, b) =>
    a.localeCompare(b, language),
  );

/** Lists what can be applied for today: of each procedure the latest edition in force. */
export function proceduresInForce({ procedures, clock }: Pick<Deps, 'procedures' | 'clock'>): Procedure[] {
  const today = localDay(clock.now());
  const latest = new Map<string, Procedure>();
  for (const edition of procedures.values()) {
    const known = latest.get(edition.code);
    if (
      inForce(edition, today) &&
      !edition.governs &&
      !(known && known.effectiveFrom > edition.effectiveFrom)
    )
      latest.set(edition.code, edition);
  }
  return [...latest.values()];
}

/**
 * Finds the edition of a procedure that is in force today.
 *
 * @throws Refusal `not-found`
 */
export function procedureByCode(deps: Pick<Deps, 'procedures' | 'clock'>, code: string): Procedure {
  const found = proceduresInForce(deps).find((procedure) => procedure.code === code);
  if (!found)
    throw new Refusal('not-found', 'Không có thủ tục này đang có hiệu lực · No such procedure is in force');
  return found;
}

/** Every word of the search stands in the code, a title, the life event or the name of a paper, with or without diacritics. */
function matches({ code, title, lifeEvent, papers, documents }: Procedure, q: string): boolean {
  const facts: readonly { title: Text }[] = [...Object.values(papers), ...Object.values(documents)];
  const named: Text[] = [title, ...(lifeEvent ? [lifeEvent] : []), ...facts.map((fact) => fact.title)];
  const text = folded([code, ...named.flatMap(({ vi, en }) => [vi, en])].join(' '));
  return folded(q)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What the page of a procedure tells, in words. */
function factsOf(procedure: Procedure, language: Language) {
  const {
    code,
    legalBasis,
    papers,
    limit,
    limits = {},
    fee,
    supplement,
    consultations,
    documents,
  } = procedure;
  const steps = stepsOf(procedure, language);
  return {
    code,
    legalBasis,
    effectiveFrom: procedure.effectiveFrom.split('-').reverse().join('/'),
    coApplicants: procedure.coApplicants?.[language],
    identityLevel: procedure.identityLevel,
    papers: Object.values(papers).map(({ title, required }) => ({ title: title[language], required })),
    limit: sayLimit(limit)[language],
    limits: Object.values(limits).map((each) => sayLimit(each)[language]),
    fee: fee && {
      title: fee.title[language],
      amount: typeof fee.amount === 'number' ? sayMoney(fee.amount, language) : '',
      expires: sayLimit(fee.expires)[language],
    },
    supplement: supplement && sayLimit(supplement.within)[language],
    consulted: Object.values(consultations?.of ?? {}).map((title) => title[language]),
    steps,
    diagram: drawSteps(steps),
    documents: [...new Set(Object.values(documents).map(({ title }) => title[language]))],
  };
}

/** The procedure's own tasks in the order of its facts, which is the order of its course; the engine's own are left out. */
export function stepsOf({ tasks }: Procedure, language: Language) {
  return Object.entries(tasks)
    .filter(([name]) => !name.includes('.') && !engineTasks.has(name))
    .map(([, { title, by, due, expires, standing, silence }]) => ({
      title: title[language],
      by: performer(by)[language],
      role: by,
      time: standing ? anyTime[language] : sayLimit(due ?? expires)[language],
      silence: saySilence(silence)?.[language] ?? '',
    }));
}

const anyTime = { vi: 'bất kỳ lúc nào', en: 'at any time' };
const engineTasks = new Set([
  ...['withdraw', 'approveWithdrawal', 'extend', 'consult', 'supply', 'supplementAgain'],
  ...['handOver', 'correction', 'signCorrection', 'pay'],
]);
