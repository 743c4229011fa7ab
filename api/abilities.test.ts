import type { Router } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samplePeople } from '../embedded/samples.ts';
import type { Role } from '../records/actor.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { everyRole, routeTable } from '../testing/route-table.ts';
import { abilitiesOf, agenciesFor, isAble, type Gate } from './abilities.ts';
import { createApp } from './app.ts';

let api: TestApi;
let served: Served[];
beforeAll(async () => {
  api = await startApi();
  served = routesOf((createApp(api).router as Router & { stack: Layer[] }).stack);
});
afterAll(() => api.stop());

interface Layer {
  route?: { path: string; stack: { method: string; handle: Gate }[] };
  handle: { stack?: Layer[] };
}

interface Served {
  route: string;
  method: string;
  path: string;
  rule: string | undefined;
}

/** Every route that answers, with the rule that stands before it. */
function routesOf(layers: Layer[]): Served[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return routesOf(handle.stack ?? []);
    const [first] = route.stack;
    // `all` has no method of its own; any of them will do.
    const method = (first?.method ?? 'patch').toUpperCase();
    return [{ route: `${method} ${route.path}`, method, path: route.path, rule: first?.handle.rule }];
  });
}

/** Somebody of each role, all of one agency where they are of any. */
const somebody: Readonly<Record<Role, string>> = {
  citizen: 'an',
  reception: 'vungtau.reception',
  specialist: 'vungtau.specialist',
  head: 'vungtau.head',
  leader: 'vungtau.leader',
  clerk: 'vungtau.clerk',
  consulted: 'power.officer',
  committee: 'vungtau.committee',
  treasury: 'treasury',
  field: 'light.crew',
  registry: 'resident-registry',
  sensor: 'flood-sensors',
  clinician: 'hospital.doctor',
  recipient: 'insurer',
  admin: 'admin',
};
const ruleOf = (route: string) =>
  Object.keys(routeTable).find((rule) => routeTable[rule]?.routes.includes(route)) ?? 'signed in';
const rolesOf = (route: string) => routeTable[ruleOf(route)]?.roles ?? everyRole;

const everybodyKnown = [...samplePeople().people, ...samplePeople().machines];
const known = (sub: string) => everybodyKnown.find((person) => person.sub === sub)!;

/** A request of no content for a thing that does not exist, in one's own agency, from another machine. */
async function ask(
  { method, path }: Served,
  sub?: string,
  token?: string,
): Promise<{ status: number; kind: string }> {
  const filled = path
    .replace(':agency', (sub && known(sub).agency) ?? 'H29.16')
    .replace(':code', 'H29.16-261124-9999')
    .replace(':day', '2027-01-04')
    .replace(':id', '00000000-0000-4000-8000-000000000000')
    .replaceAll(/:\w+|\{\*rest\}/g, '1')
    .replace('\\$', '$');
  const answer = await fetch(`${api.url}${filled}`, {
    method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'x-forwarded-for': '203.0.113.7',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
  });
  // News never end.
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    await answer.body?.cancel();
    return { status: answer.status, kind: '' };
  }
  const body = (await answer.json().catch(() => ({}))) as {
    type?: string;
    issue?: { diagnostics: string }[];
  };
  // FHIR has a shape of its own for the same refusal.
  const isRole = body.issue?.[0]?.diagnostics.includes('Your role may not do this');
  return { status: answer.status, kind: isRole ? '/problems/wrong-role' : (body.type ?? '') };
}

/** Sign-in has answers of its own. */
const signsIn = ({ path }: Served) => /^\/sign(in|out)/.test(path);

test('every route names its rule, the one that the table says', () => {
  const told = served.map(({ route, rule }) => `${route}: ${rule ?? 'NO RULE'}`);
  expect(told).toEqual(served.map(({ route }) => `${route}: ${ruleOf(route)}`));
});

test('the table names no route that is not there', () => {
  const there = new Set(served.map(({ route }) => route));
  const named = Object.values(routeTable).flatMap(({ routes }) => routes);
  expect(named.filter((route) => !there.has(route))).toEqual([]);
});

test('strangers are refused everywhere but where everybody may go', async () => {
  const wrong: string[] = [];
  for (const each of served.filter((route) => !signsIn(route))) {
    const { status } = await ask(each);
    if ((ruleOf(each.route) === 'everybody') === (status === 401)) wrong.push(`${each.route}: ${status}`);
  }
  expect(wrong).toEqual([]);
});

test.each(everyRole)('as %s exactly the routes of the table let me through', async (role) => {
  const sub = somebody[role];
  const token = await api.token(sub, { roles: [role] });
  const answers = await Promise.all(
    served
      .filter((route) => !signsIn(route))
      .map(async (each) => ({ ...each, ...(await ask(each, sub, token)) })),
  );
  const wrong = answers.filter(
    ({ route, kind }) => (kind === '/problems/wrong-role') === rolesOf(route).includes(role),
  );
  expect(wrong).toEqual([]);
});

test('an officer of another agency is told that it is another’s', async () => {
  const register = `${api.url}/api/v1/registers/H29.16?from=2026-11-01&to=2026-11-30`;
  const answer = await fetch(register, {
    headers: { authorization: `Bearer ${await api.token('tamthang.clerk')}` },
  });
  expect([answer.status, await answer.json()]).toMatchObject([403, { type: '/problems/wrong-agency' }]);
});

describe('what abilities say', () => {
  const [clerk, admin] = [known('vungtau.clerk'), known('admin')];

  test('to a query: the agencies of an officer, and all to an admin', () => {
    expect(agenciesFor(clerk, 'read', 'cases')).toEqual(['H29.16']);
    expect(agenciesFor(admin, 'read', 'cases')).toBe('all');
    expect(agenciesFor(clerk, 'read', 'recounts')).toEqual([]);
  });

  test('to a menu: nothing to whoever has no role, and nothing of an agency to whoever has none', () => {
    expect(abilitiesOf({ ...clerk, roles: [] })).toEqual([]);
    expect(isAble({ ...clerk, agency: undefined }, 'read', 'registers')).toBe(false);
    expect(isAble(clerk, 'read', 'registers', 'H29.17')).toBe(false);
    expect(isAble(clerk, 'read', 'registers', 'H29.16')).toBe(true);
  });
});
