import { z } from 'zod';
import { defineProcedure, type Story } from '../engine/index.ts';
import { BirthApplication, checkBirthday } from '../forms/birth.ts';
import { label } from '../forms/fields.ts';
import { household, insurance, isUnderSix } from '../forms/registered-child.ts';

const paper = (vi: string, en: string) => ({ title: { vi, en }, required: false });

const facts = {
  code: '2.000986',
  title: {
    vi: 'Liên thông đăng ký khai sinh, đăng ký thường trú, cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi',
    en: 'Birth, residence and health-insurance card of a child under 6 in one application',
  },
  effectiveFrom: '2026-01-01',
  legalBasis: ['Nghị định số 63/2024/NĐ-CP', 'Nghị định số 301/2026/NĐ-CP'],
  lifeEvent: { vi: 'Sinh con', en: 'Having a child' },
  application: BirthApplication.safeExtend({ ...household, ...insurance }),
  checkOn: (filing) => {
    const young = isUnderSix(filing.answers['childDob'] as string, filing.day);
    const old = { path: ['childDob'], message: 'Trẻ đã đủ 6 tuổi · The child is 6 years old' };
    return young ? checkBirthday(filing) : [old];
  },
  papers: {
    birthCertificate: paper('Giấy chứng sinh', 'Birth certificate'),
    witnessStatement: paper(
      'Văn bản của người làm chứng hoặc giấy cam đoan',
      'Statement of witnesses or declaration',
    ),
    marriageCertificate: paper('Giấy chứng nhận kết hôn', 'Marriage certificate'),
    authorisation: paper('Văn bản ủy quyền', 'Authorisation'),
    consent: paper('Ý kiến đồng ý của chủ hộ, chủ sở hữu chỗ ở', 'Consent of the household'),
  },
  limit: '20wd',
  subCases: {
    birth: {
      title: { vi: 'Đăng ký khai sinh', en: 'Birth registration' },
      procedure: '1.001193',
      due: '3wd',
      application: ({ answers }) => ({ ...answers }),
      papers: {
        birthCertificate: 'birthCertificate',
        witnessStatement: 'witnessStatement',
        marriageCertificate: 'marriageCertificate',
        authorisation: 'authorisation',
      },
    },
    residence: {
      title: { vi: 'Đăng ký thường trú', en: 'Permanent residence' },
      procedure: '1.004222',
      agency: 'residence',
      due: '15d',
      // The birth comes last: it has the child as it was registered, with its number.
      application: ({ answers, earlier }) => ({ ...answers, ...earlier['birth']?.answers }),
      papers: { consent: 'consent' },
    },
    healthCard: {
      title: { vi: 'Cấp thẻ bảo hiểm y tế', en: 'Health-insurance card' },
      procedure: '9.000047',
      agency: 'healthCard',
      due: '10d',
      application: ({ answers, earlier }) => ({ ...answers, ...earlier['birth']?.answers }),
    },
  },
  tasks: {
    delivery: {
      title: { vi: 'Tổng hợp, trả kết quả liên thông', en: 'Put the results together and hand them over' },
      by: 'reception',
      due: '8wh',
      told: 'application',
      form: z.object({
        delivered: z.literal(true).meta(label('Đã tổng hợp kết quả', 'Put together')),
      }),
    },
  },
  outcomes: {
    complete: { vi: 'đã có đủ các kết quả', en: 'every result is there' },
    'in-part': { vi: 'có một phần kết quả', en: 'some of the results are there' },
    'birth-not-registered': { vi: 'không đăng ký được khai sinh', en: 'the birth was not registered' },
  },
  documents: {
    results: {
      title: { vi: 'Phiếu trả kết quả liên thông', en: 'Results of the interlinked procedures' },
      template: 'linked-birth/results',
      register: 'PTKQ',
      signedBy: 'delivery',
    },
  },
} as const satisfies Parameters<typeof defineProcedure>[0];

/**
 * One application for three agencies (2.000986): the birth first; when it is registered, the police and the social
 * insurance at once. Each result is delivered as soon as it is there, and a branch that fails leaves the others as they are.
 */
export const linkedBirth = defineProcedure<typeof facts>(facts, registerEverything);

async function registerEverything({ accept, subCase, tasks, issue }: Story<typeof facts>): Promise<string> {
  await accept();
  const birth = await subCase('birth');
  const [residence, healthCard] =
    birth.outcome === 'granted'
      ? await Promise.all([subCase('residence'), subCase('healthCard')])
      : [undefined, undefined];
  const branches = { birth, residence, healthCard };
  await tasks.delivery(branches);
  await issue('results', branches);
  if (!residence || !healthCard) return 'birth-not-registered';
  return residence.outcome === 'granted' && healthCard.outcome === 'granted' ? 'complete' : 'in-part';
}
