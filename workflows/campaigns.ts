import type { CampaignRules, WrongPart } from '../activities/campaigns.ts';
import type { CampaignFacts, CampaignPlan, Offer, Round } from './engine/campaign-facts.ts';
import type { Procedure } from './engine/procedure.ts';

/** What the facts of a procedure say of the campaign that it leads. */
export function campaignFactsOf(
  procedures: ReadonlyMap<string, Procedure>,
  procedure: string,
): CampaignFacts {
  const facts = procedures.get(procedure)?.campaign;
  if (!facts) throw new Error(`${procedure} leads no campaign`);
  return facts;
}

/** Makes the function that evaluates what the facts of a campaign's procedure say, outside the sandbox. */
export function campaignRules(
  procedures: ReadonlyMap<string, Procedure>,
): (procedure: string) => CampaignRules {
  return (procedure) => {
    const facts = campaignFactsOf(procedures, procedure);
    return {
      keepsDays: facts.keepsDays,
      rounds: facts.rounds,
      wrongIn: (answers, offers) => wrongIn(facts, { rounds: facts.rounds(answers), offers }),
      input: (member, offers) => ({ ...facts.input(member, offers) }),
      allocate: facts.allocate,
    };
  };
}

/** Everything that is wrong with the plan of a campaign: each part by its form, then the whole. */
export function wrongIn(facts: CampaignFacts, plan: CampaignPlan): WrongPart[] {
  const parts = [
    ...(plan.offers.length === 0
      ? [{ path: ['offers'], message: 'Chưa có nơi nhận nào · There is nothing to be given yet' }]
      : []),
    ...plan.offers.flatMap((offer) => wrongWith(facts, offer)),
    ...wrongTimes(plan.rounds),
  ];
  return parts.length > 0 ? parts : [...facts.check(plan)];
}

/** What is wrong with one offer, by its form and its number of places. */
export function wrongWith({ offer: form, places }: CampaignFacts, { code, details }: Offer): WrongPart[] {
  const parsed = form.safeParse(details);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({
      path: ['offers', code, ...path.map(String)],
      message,
    }));
  const { planned, most } = places(details);
  if (planned > 0 && planned <= most) return [];
  return [{ path: ['offers', code], message: 'Chỉ tiêu phải lớn hơn 0 · There must be at least one place' }];
}

const order = ['opens', 'closes', 'checkedBy', 'confirmBy', 'givenOnUntil'] as const;

/** Each stretch of a round ends after the one before, and each round begins after the one before. */
function wrongTimes(rounds: readonly Round[]): WrongPart[] {
  return rounds.flatMap((round, index) => {
    const path = ['rounds', String(index)];
    const before = rounds[index - 1];
    const wrong: WrongPart[] = [];
    if (before && Date.parse(round.opens) < Date.parse(before.confirmBy))
      wrong.push({
        path: [...path, 'opens'],
        message:
          'Vòng sau phải mở sau khi vòng trước hết hạn xác nhận · It opens before the round before is confirmed',
      });
    for (const [at, name] of order.entries()) {
      const earlier = order[at - 1];
      if (earlier && Date.parse(round[name]) <= Date.parse(round[earlier]))
        wrong.push({
          path: [...path, name],
          message: 'Phải sau mốc trước đó · It must come after the date before',
        });
    }
    return wrong;
  });
}
