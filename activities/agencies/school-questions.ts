import { grantPlace } from '../../records/campaign-work.ts';
import { confirmedMembers } from '../../records/campaign-members.ts';
import { listOffers } from '../../records/campaigns.ts';
import { keepEffect } from '../../records/effects.ts';
import type { Pupil } from './education.ts';
import type { Ask, Asking } from './questions.ts';

/** What the resident registry says of where a child lives, without the place itself. */
export interface HomeFindings {
  match: boolean;
  /** Fields of the application that differ from the registry. */
  mismatches: ('childPersonalNumber' | 'childName' | 'childDob' | 'residenceStatus' | 'residentSince')[];
}

/** What the education registry says of a child, without a school. */
export interface SchoolingFindings {
  preschool: boolean;
  /** Whether the child goes to a school already. */
  enrolled: boolean;
  /** Whether the sister or brother that was named goes to a school; null where none was named. */
  sibling: boolean | null;
}

interface ChildAnswers {
  childName: string;
  childDob: string;
  childGender: 'male' | 'female';
  childPersonalNumber: string;
  residenceStatus: 'permanent' | 'temporary' | 'other';
  residentSince: string;
  siblingPersonalNumber?: string;
}

type About = 'registeredHome' | 'schooling' | 'classLists' | 'grantPlace';

/** Keeps what an agency has said and the story need not know, for those who decide outside of it. */
const keepWhole = ({ db, file, key, at }: Asking, effect: string, answer: unknown) =>
  keepEffect(db, { caseCode: file.code, effect, number: Number(key.split('/').at(-1)) }, answer, at);

/** How questions about a place at a school are put: what they are about is taken from the case's file. */
export const schoolQuestions: { [Q in About]: Ask<Q> } = {
  async registeredHome({ residents }, asking) {
    const { file, key } = asking;
    const stated = file.answers as unknown as ChildAnswers;
    const known = await residents.lookUpHome(
      {
        personalNumber: stated.childPersonalNumber,
        fullName: stated.childName,
        dateOfBirth: stated.childDob,
        caseCode: file.code,
      },
      key,
    );
    const differs: Record<string, HomeFindings['mismatches'][number]> = {
      personalNumber: 'childPersonalNumber',
      fullName: 'childName',
      dateOfBirth: 'childDob',
    };
    const mismatches = known.mismatches.map((field) => differs[field]!);
    if (known.home && known.home.kind !== stated.residenceStatus) mismatches.push('residenceStatus');
    // The registry knows the day; who has lived there longer than they say loses nothing by it.
    if (known.home && known.home.since > stated.residentSince) mismatches.push('residentSince');
    await keepWhole(asking, 'home', known);
    return { match: mismatches.length === 0 && known.home !== undefined, mismatches };
  },

  async schooling({ education }, asking) {
    const { file, key } = asking;
    const { childPersonalNumber: personalNumber, siblingPersonalNumber: sibling } =
      file.answers as unknown as ChildAnswers;
    const known = await education.lookUpPupil(
      { personalNumber, ...(sibling ? { sibling } : {}), caseCode: file.code },
      key,
    );
    await keepWhole(asking, 'pupil', known);
    return {
      preschool: known.preschool,
      enrolled: known.enrolledAt !== null,
      sibling: sibling ? known.siblingAt !== null : null,
    };
  },

  async classLists({ education }, { db, file, key }, { offer, year }) {
    const offers = await listOffers(db, file.code);
    const details = offers.find(({ code }) => code === offer)?.details as { classes: number } | undefined;
    const members = await confirmedMembers(db, file.code, offer);
    const pupils = members.map(({ answers }) => pupilOf(answers as unknown as ChildAnswers));
    const classes = intoClasses(pupils, details?.classes ?? 1);
    const lists = { reference: key, school: offer, year, classes, caseCode: file.code };
    const taken = await education.handOver(lists, key);
    return { pupils: taken.pupils, classes: classes.length };
  },

  grantPlace: (_agencies, { db, file, at, key }, { offer, extra, told, why }) =>
    db.transaction(async (trx) => {
      const number = Number(key.split('/').at(-1));
      const granted = await grantPlace(trx, { caseCode: file.code, offer, extra, told, why, number, at });
      if (!granted.granted) return granted;
      return { granted: true as const, confirmBy: granted.confirmBy.toISOString() };
    }),
};

const pupilOf = ({ childPersonalNumber, childName, childDob, childGender }: ChildAnswers): Pupil => ({
  personalNumber: childPersonalNumber,
  fullName: childName,
  dateOfBirth: childDob,
  gender: childGender,
});

/** Deals pupils into classes, girls and boys each in the order of their numbers, so that classes are alike. */
function intoClasses(pupils: readonly Pupil[], count: number): { name: string; pupils: Pupil[] }[] {
  const inOrder = [...pupils].sort(
    (a, b) => a.gender.localeCompare(b.gender) || a.personalNumber.localeCompare(b.personalNumber),
  );
  const classes = Array.from({ length: count }, (_, index) => ({
    name: `1A${index + 1}`,
    pupils: [] as Pupil[],
  }));
  for (const [index, pupil] of inOrder.entries()) classes[index % count]!.pupils.push(pupil);
  return classes.filter(({ pupils: dealt }) => dealt.length > 0);
}
