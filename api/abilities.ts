import { createMongoAbility, subject, type ForcedSubject, type MongoAbility } from '@casl/ability';
import type { Request, RequestHandler } from 'express';
import type { Actor, Role } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';
import { actorIn } from './auth.ts';

/** What is kept apart by roles: areas of the API and of the pages. What one may do to one case, records/policy.ts says. */
export const areas = [
  'applications',
  'counter',
  'inbox',
  'bulk',
  'cases',
  'people',
  'registers',
  'campaigns',
  'control-slips',
  'fees',
  'calendars',
  'recounts',
  'health-records',
  'audit',
  'administration',
  'metrics',
  'temporal',
  'codec',
] as const;
export type Area = (typeof areas)[number];

export const actions = ['read', 'change'] as const;
export type AbilityAction = (typeof actions)[number];

/** What a role may do, everywhere or only for the agency of whoever has it. */
interface Grant {
  can: AbilityAction;
  in: readonly Area[];
  ofOwnAgency?: true;
}

const officer: Grant[] = [
  { can: 'read', in: ['inbox'] },
  { can: 'change', in: ['bulk'] },
  // What their agency does on its own account; which of it, the role that its facts name says.
  { can: 'change', in: ['applications'], ofOwnAgency: true },
  { can: 'read', in: ['campaigns'], ofOwnAgency: true },
  { can: 'change', in: ['campaigns'], ofOwnAgency: true },
  { can: 'read', in: ['cases', 'people', 'control-slips'], ofOwnAgency: true },
];
const keepsRegisters: Grant = { can: 'read', in: ['registers'], ofOwnAgency: true };
const remits: Grant[] = [
  { can: 'read', in: ['fees'], ofOwnAgency: true },
  { can: 'change', in: ['fees'], ofOwnAgency: true },
];
const machine: Grant[] = [{ can: 'read', in: ['cases'], ofOwnAgency: true }];

/** The whole of it: what each role may do with what. */
const grants: Readonly<Record<Role, readonly Grant[]>> = {
  citizen: [
    { can: 'change', in: ['applications'] },
    { can: 'read', in: ['health-records'] },
  ],
  reception: [...officer, keepsRegisters, { can: 'change', in: ['applications', 'counter'] }],
  specialist: officer,
  head: [...officer, keepsRegisters, ...remits],
  leader: [...officer, keepsRegisters, ...remits],
  clerk: [...officer, keepsRegisters, ...remits],
  field: [
    { can: 'read', in: ['inbox'] },
    { can: 'read', in: ['cases'], ofOwnAgency: true },
  ],
  consulted: officer,
  committee: officer,
  treasury: machine,
  registry: machine,
  sensor: [{ can: 'change', in: ['applications'] }],
  // Whose record they read or write, the consents of its citizen say.
  clinician: [
    { can: 'read', in: ['health-records'] },
    { can: 'change', in: ['health-records'] },
  ],
  recipient: [{ can: 'read', in: ['health-records'] }],
  admin: [
    {
      can: 'read',
      in: [
        'inbox',
        'cases',
        'people',
        'control-slips',
        'registers',
        'campaigns',
        'fees',
        'calendars',
        'recounts',
      ],
    },
    { can: 'read', in: ['audit', 'administration', 'metrics', 'temporal', 'codec'] },
    { can: 'change', in: ['administration', 'calendars', 'bulk'] },
  ],
};

type OfAgency = { agency: string } & ForcedSubject<Area>;
type Abilities = MongoAbility<[AbilityAction, Area | OfAgency]>;

/** What the roles of somebody let them do. */
function abilityOf({ roles, agency }: Actor): Abilities {
  const rules = roles
    .flatMap((role) => grants[role])
    // Whoever is of no agency has nothing in their own one.
    .filter(({ ofOwnAgency }) => !ofOwnAgency || agency !== undefined)
    .map((grant) => ({
      action: grant.can,
      subject: [...grant.in],
      ...(grant.ofOwnAgency ? { conditions: { agency } } : {}),
    }));
  return createMongoAbility<Abilities>(rules);
}

/** Whether somebody may do something in an area, for an agency where one is given; for menus and buttons. */
export function isAble(actor: Actor, action: AbilityAction, area: Area, agency?: string): boolean {
  return abilityOf(actor).can(action, agency === undefined ? area : subject(area, { agency }));
}

/**
 * Lets through who may do something in an area, for an agency where one is given.
 *
 * @throws Refusal `wrong-role`, or `wrong-agency` where it is another agency's
 */
export function expectAble(actor: Actor, action: AbilityAction, area: Area, agency?: string): void {
  if (isAble(actor, action, area, agency)) return;
  throw isAble(actor, action, area)
    ? new Refusal('wrong-agency', 'Việc này của cơ quan khác · This belongs to another agency')
    : new Refusal('wrong-role', 'Vai trò của bạn không được phép · Your role may not do this');
}

/** For which agencies somebody may do something, as a query wants it: all, or those of a list. */
export function agenciesFor(actor: Actor, action: AbilityAction, area: Area): 'all' | string[] {
  const rules = abilityOf(actor).rulesFor(action, area);
  if (rules.some(({ conditions }) => !conditions)) return 'all';
  return [...new Set(rules.map(({ conditions }) => String(conditions?.['agency'])))];
}

/** What somebody may do, once each, for a list. */
export function abilitiesOf(actor: Actor): { action: AbilityAction; area: Area; agency?: string }[] {
  return areas.flatMap((area) =>
    actions.flatMap((action) => {
      const agencies = agenciesFor(actor, action, area);
      return agencies === 'all' ? [{ action, area }] : agencies.map((agency) => ({ action, area, agency }));
    }),
  );
}

/** What stands before each route and says who may use it; a story reads it off every route. */
export type Gate = RequestHandler & { rule: string };

const gate = (rule: string, pass: (req: Request) => void): Gate => {
  const handler: RequestHandler = (req, _res, next) => {
    pass(req);
    next();
  };
  return Object.assign(handler, { rule });
};

/** Strangers too. */
export const everybody = gate('everybody', () => undefined);

/** Whoever is signed in; what they may see and do there depends on what they are in a case, and the records say it. */
export const signedIn = gate('signed in', (req) => void actorIn(req));

/** Whoever's roles allow it, for the agency that the address names where it names one. */
export const may = (action: AbilityAction, area: Area): Gate =>
  gate(`${action} ${area}`, (req) => {
    const { agency } = req.params;
    expectAble(actorIn(req), action, area, typeof agency === 'string' ? agency : undefined);
  });
