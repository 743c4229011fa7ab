import type { Ask, Asking } from './questions.ts';

interface Place {
  street: string;
  ward: string;
  province: string;
}

/** The fields of an application that tell of a child who is registered already. */
interface ChildAnswers {
  childName: string;
  childDob: string;
  childGender: 'male' | 'female';
  childPersonalNumber: string;
}

type Moving = ChildAnswers & {
  householdHeadName: string;
  householdHeadPid: string;
  residenceAddress: Place;
};
type Insured = ChildAnswers & { bhytFacilityCode: string };

const answersOf = <Answers>({ file }: Asking) => file.answers as unknown as Answers;

/** How questions about a child are put: whom they are about is taken from the case's file. */
export const childQuestions: { [Q in 'householdConsent' | 'healthCard']: Ask<Q> } = {
  async householdConsent({ residence }, asking, { taskId }) {
    const moving = answersOf<Moving>(asking);
    const household = { headName: moving.householdHeadName, headPersonalNumber: moving.householdHeadPid };
    const child = { fullName: moving.childName, personalNumber: moving.childPersonalNumber };
    const question = { taskId, household, child, address: moving.residenceAddress };
    await residence.askHousehold({ ...question, caseCode: asking.file.code }, asking.key);
    return { asked: true };
  },

  async healthCard({ socialInsurance }, asking, { taskId }) {
    const insured = answersOf<Insured>(asking);
    const child = {
      fullName: insured.childName,
      dateOfBirth: insured.childDob,
      gender: insured.childGender,
      personalNumber: insured.childPersonalNumber,
    };
    const question = { taskId, child, facility: insured.bhytFacilityCode };
    await socialInsurance.requestCard({ ...question, caseCode: asking.file.code }, asking.key);
    return { asked: true };
  },
};
