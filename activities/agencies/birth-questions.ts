import type { Ask, Asking } from './questions.ts';

/** What the health ministry's certificate says of the birth in the application, without anybody's name or date. */
export interface BirthFindings {
  certificate: 'found' | 'none';
  /** Fields of the application that differ from the certificate. */
  mismatches: ('motherPersonalNumber' | 'childDob' | 'childGender')[];
  /** The mother was younger than 12 or older than 60: the officer looks twice. */
  motherAgeUnusual: boolean;
}

interface Parent {
  dateOfBirth: string;
  personalNumber?: string;
}

/** The fields of an application that tell of a birth. */
interface BirthAnswers {
  birthCertificate?: string;
  childName: string;
  childDob: string;
  childGender: 'male' | 'female';
  mother: Parent;
  father?: Parent;
}

type About = 'birth' | 'marriage' | 'personalNumber';

const birthOf = ({ file }: Asking) => file.answers as unknown as BirthAnswers;

/** How questions about a birth are put: what they are about is taken from the case's file. */
export const birthQuestions: { [Q in About]: Ask<Q> } = {
  async birth({ births }, asking) {
    const { birthCertificate, childDob, childGender, mother } = birthOf(asking);
    const motherPersonalNumber = mother.personalNumber;
    const age = Number(childDob.slice(0, 4)) - Number(mother.dateOfBirth.slice(0, 4));
    const motherAgeUnusual = age < 12 || age > 60;
    const none = { certificate: 'none' as const, mismatches: [], motherAgeUnusual };
    if (!birthCertificate && !motherPersonalNumber) return none;
    const known = await births.lookUpBirth(
      {
        ...(birthCertificate ? { certificate: birthCertificate } : {}),
        ...(motherPersonalNumber ? { motherPersonalNumber } : {}),
        dateOfBirth: childDob,
        caseCode: asking.file.code,
      },
      asking.key,
    );
    if (!known.found) return none;
    const mismatches: BirthFindings['mismatches'] = [];
    if (motherPersonalNumber && known.motherPersonalNumber !== motherPersonalNumber)
      mismatches.push('motherPersonalNumber');
    if (known.dateOfBirth !== childDob) mismatches.push('childDob');
    if (known.gender !== childGender) mismatches.push('childGender');
    return { certificate: 'found', mismatches, motherAgeUnusual };
  },

  async marriage({ civilStatus }, asking) {
    const { mother, father } = birthOf(asking);
    const [first, second] = [mother.personalNumber, father?.personalNumber];
    if (!first || !second) return { known: false };
    const { found } = await civilStatus.lookUpMarriage(
      { first, second, caseCode: asking.file.code },
      asking.key,
    );
    return { known: found };
  },

  async personalNumber({ residents }, asking, { taskId }) {
    const { childName, childDob, childGender, mother, father } = birthOf(asking);
    const parents = [mother.personalNumber, father?.personalNumber].filter((number) => number !== undefined);
    const child = { fullName: childName, dateOfBirth: childDob, gender: childGender, parents };
    await residents.requestPersonalNumber({ taskId, child, caseCode: asking.file.code }, asking.key);
    return { asked: true };
  },
};
