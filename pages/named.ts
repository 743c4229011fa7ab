import type { Deps } from '../api/deps.ts';
import type { Language } from '../api/language.ts';
import { campaignOf, campaignTaking } from '../records/campaign-rounds.ts';
import { listOffers, type CampaignOffer } from '../records/campaigns.ts';
import { listAgencies, listTeams } from '../records/city.ts';
import { nearReport } from '../records/near-reports.ts';
import { findService, listServices, serviceNames } from '../records/services.ts';
import type { TaskView } from '../records/tasks.ts';
import type { Procedure, Text } from '../workflows/engine/index.ts';
import type { Field, Named } from './form/fields.ts';
import { sayAnswers, type SaidAnswer } from './form/summary.ts';
import { detailFields } from './reports/new-form.ts';

type Known = Readonly<Record<string, Text>>;

/** What is known by name where a task stands: of what its questions ask for, the city's services, agencies and teams, and reports nearby. */
export async function namedFor(
  { db, procedures }: Pick<Deps, 'db' | 'procedures'>,
  fields: readonly Field[],
  task: TaskView,
): Promise<Partial<Record<Named, Known>>> {
  const asked = new Set(fields.flatMap(({ input }) => (input.kind === 'named' ? [input.of] : [])));
  const named: Partial<Record<Named, Known>> = {};
  const procedure = procedures.get(task.procedure);
  const byCode = (rows: readonly { code: string; name: Text }[]): Known =>
    Object.fromEntries(rows.map(({ code, name }) => [code, name]));
  if (asked.has('service')) named.service = byCode(await listServices(db, procedure?.code));
  if (asked.has('agency')) named.agency = byCode(await listAgencies(db));
  if (asked.has('team')) named.team = byCode(await listTeams(db, task.agency ?? ''));
  if (asked.has('offer'))
    named.offer = offerNames(await listOffers(db, (await campaignOf(db, task.case)) ?? task.case));
  if (asked.has('report'))
    named.report = Object.fromEntries(
      (await nearReport(db, task.case)).map(({ code, metres, likeness, words }) => [
        code,
        {
          vi: `${code}: cách ${metres} m, giống ${Math.round(likeness * 100)} %${words ? `, ${words}` : ''}`,
          en: `${code}: ${metres} m away, ${Math.round(likeness * 100)} % alike${words ? `, ${words}` : ''}`,
        },
      ]),
    );
  return named;
}

const offerNames = (offers: readonly Pick<CampaignOffer, 'code' | 'details'>[]): Known =>
  Object.fromEntries(
    offers.map(({ code, details }) => {
      const name = typeof details['name'] === 'string' ? details['name'] : code;
      return [code, { vi: name, en: name }];
    }),
  );

/** What a campaign has places of, where a form asks for it: that of the case which is changed, or the one that takes applications next. */
export async function offersFor(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  fields: readonly Field[],
  wanted: { amends: string | null; of: string; agency: string },
): Promise<Partial<Record<Named, Known>>> {
  const asks = ({ input }: Field): boolean =>
    input.kind === 'named' ? input.of === 'offer' : 'fields' in input && input.fields.some(asks);
  if (!fields.some(asks)) return {};
  const campaign = wanted.amends
    ? await campaignOf(db, wanted.amends)
    : await campaignTaking(db, wanted.of, wanted.agency, clock.now());
  return campaign ? { offer: offerNames(await listOffers(db, campaign)) } : {};
}

/** What codes stand for where a procedure is about an incident: the city's services and agencies. */
export async function namesOf(db: Deps['db'], procedure: Procedure | undefined): Promise<Known> {
  if (!procedure?.incident) return {};
  const [services, agencies] = await Promise.all([serviceNames(db), listAgencies(db)]);
  return {
    ...Object.fromEntries(services),
    ...Object.fromEntries(agencies.map(({ code, name }) => [code, name])),
  };
}

/** What was answered to what a service asks beside, line by line. */
export async function detailsOf(
  db: Deps['db'],
  procedure: Procedure | undefined,
  answers: Readonly<Record<string, unknown>>,
  language: Language,
): Promise<SaidAnswer[]> {
  const names = procedure?.incident;
  const service = names && (await findService(db, String(answers[names.service])));
  const details = names && answers[names.details];
  return service && details
    ? sayAnswers(detailFields(service), details as Record<string, unknown>, language)
    : [];
}
