import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { distance } from '@turf/distance';
import { areaIn, type MemberFile, type Offer } from '../engine/index.ts';
import type { PriorityGroup } from '../forms/school.ts';
import type { School } from './forms.ts';
import { unknownDistance, type Child } from './placing.ts';

interface Point {
  lat: number;
  lng: number;
}

/** Where a child lives, as far as it is confirmed. */
interface Home {
  residence: Child['residence'];
  since?: string | undefined;
  neighbourhood?: string | undefined;
  point?: Point | undefined;
}

interface Answers {
  wishes: { school: string }[];
  acceptOther: boolean;
  residenceStatus: Child['residence'];
  verifiedResidence?: Child['residence'];
  verifiedSince?: string;
  verifiedNeighbourhood?: string;
  verifiedHome?: Point;
  verifiedGroup?: PriorityGroup;
  verifiedSiblingSchool?: string;
}

interface Findings {
  registeredHome?: { match: boolean };
  home?: { home?: { since: string; neighbourhood: string; point: Point | null } };
  pupil?: { siblingAt: string | null };
}

/** Makes of an application what the allocation may know: only what a registry or an officer has confirmed, and no place. */
export function childOf(member: MemberFile, offers: readonly Offer[]): Record<string, unknown> {
  const answers = member.answers as unknown as Answers;
  const findings = member.findings as Findings;
  const home = homeOf(answers, findings);
  const schools = offers.map(({ code, details }) => ({ code, school: details as unknown as School }));
  const metres = new Map(schools.map(({ code, school }) => [code, metresTo(home.point, school)]));
  const wished = answers.wishes.map(({ school }) => school);
  const child: Child = {
    residence: home.residence,
    since: home.since?.slice(0, 7) ?? null,
    catchment: schools.filter(({ school }) => belongsTo(home, school)).map(({ code }) => code),
    group: answers.verifiedGroup ?? null,
    sibling: answers.verifiedSiblingSchool ?? findings.pupil?.siblingAt ?? null,
    wishes: wished.map((school) => ({ school, metres: metres.get(school) ?? unknownDistance })),
    others: answers.acceptOther
      ? schools
          .map(({ code }) => code)
          .filter((code) => !wished.includes(code))
          .sort((a, b) => metres.get(a)! - metres.get(b)! || (a < b ? -1 : 1))
      : [],
  };
  return { ...child };
}

/** An officer's findings first, then the registry's; what nobody has confirmed does not count. */
function homeOf(answers: Answers, { registeredHome, home: known }: Findings): Home {
  if (answers.verifiedResidence)
    return {
      residence: answers.verifiedResidence,
      since: answers.verifiedSince,
      neighbourhood: answers.verifiedNeighbourhood,
      point: answers.verifiedHome,
    };
  const home = known?.home;
  if (!registeredHome?.match || !home) return { residence: 'other' };
  return {
    residence: answers.residenceStatus,
    since: home.since,
    neighbourhood: home.neighbourhood,
    point: home.point ?? undefined,
  };
}

const plain = (name: string) => name.normalize('NFC').trim().toLocaleLowerCase('vi');

/** Whether a home is in the catchment of a school: by its neighbourhood, or by its place on the map. */
function belongsTo({ neighbourhood, point }: Home, { neighbourhoods, area }: School): boolean {
  if (neighbourhood && neighbourhoods.some(({ name }) => plain(name) === plain(neighbourhood))) return true;
  const polygon = area && point ? areaIn(area) : undefined;
  return polygon && point ? booleanPointInPolygon([point.lng, point.lat], polygon) : false;
}

/** Distances are published, so they are told in steps: near enough to be fair, too coarse to find a door. */
const step = 50;

function metresTo(point: Point | undefined, { point: at }: School): number {
  if (!point) return unknownDistance;
  const metres = distance([point.lng, point.lat], [at.lng, at.lat], { units: 'meters' });
  return Math.max(step, Math.ceil(metres / step) * step);
}
