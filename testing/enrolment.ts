import type { Residents, Pupils } from '../embedded/samples.ts';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Answer } from '../embedded/person.ts';
import type { SampleAgencies } from './agencies.ts';

type Resident = z.infer<typeof Residents>['residents'][number];
type Pupil = z.infer<typeof Pupils>['pupils'][number];

/** A child that exists in a test only: what the registries know of it, and what its parents write. */
export interface MadeUpChild {
  resident: Resident;
  pupil: Pupil;
  answers: Record<string, unknown>;
}

/** Where the school stands to which children of a test live nearer or farther. */
export const schoolAt = { lat: 10.35, lng: 107.08 };
const ward = { ward: 'Phường Vũng Tàu', province: 'Thành phố Hồ Chí Minh' };

/** What is special about a made-up child. */
export interface Particulars {
  /** Metres north of {@link schoolAt}. */
  metres?: number;
  kind?: 'permanent' | 'temporary';
  neighbourhood?: string;
  wishes?: string[];
  acceptOther?: boolean;
  /** What the parents write, where it differs. */
  answers?: Record<string, unknown>;
}

/** Makes up a child that turns six this year; the number tells it from every other. */
export function madeUpChild(number: number, year: number, particulars: Particulars = {}): MadeUpChild {
  const { metres = 500, kind = 'permanent', neighbourhood = 'Khu phố 1' } = particulars;
  const girl = number % 2 === 0;
  const born = year - 6;
  const personalNumber = `077${girl ? 3 : 2}${String(born).slice(2)}${String(number).padStart(6, '0')}`;
  const fullName = `Trần ${girl ? 'Thị' : 'Văn'} Bé ${letters(number)}`;
  const dateOfBirth = `${born}-03-14`;
  const street = `${number} đường Hoa Phượng`;
  const since = `${born}-04-01`;
  return {
    resident: {
      personalNumber,
      fullName,
      dateOfBirth,
      residence: { street, ...ward },
      home: {
        kind,
        since,
        neighbourhood,
        point: { lat: schoolAt.lat + metres / 111_195, lng: schoolAt.lng },
      },
    },
    pupil: { personalNumber, preschool: true, school: null },
    answers: {
      childName: fullName,
      childPersonalNumber: personalNumber,
      childDob: dateOfBirth,
      childGender: girl ? 'female' : 'male',
      ethnicity: 'Kinh',
      residenceStatus: kind,
      residentSince: since,
      currentAddress: { street, ...ward },
      father: { fullName: 'Trần Văn Ba' },
      preschoolDone: true,
      preschoolName: 'Mầm non Hoa Sen',
      wishes: (particulars.wishes ?? ['TH-A']).map((school) => ({ school })),
      acceptOther: particulars.acceptOther ?? false,
      ...particulars.answers,
    },
  };
}

const letters = (number: number): string =>
  [...String(number)].map((digit) => 'ABCDEGHIKL'[Number(digit)]).join('');

/** A school as a plan has it. */
export const madeUpSchool = (code: string, places: number, neighbourhood: string) => ({
  code,
  details: {
    name: `Trường Tiểu học ${code}`,
    address: '1 đường Trường Học, phường Vũng Tàu',
    point: schoolAt,
    classes: 1,
    perClass: places,
    neighbourhoods: [{ name: neighbourhood }],
    programmes: '',
  },
});

/** Days from now at which a stretch of a round ends, in the order of its form. */
const stretches = { opens: 1, closes: 4, checkedBy: 6, appealBy: 12, confirmBy: 13, givenOnUntil: 14 };
export type Stretch = keyof typeof stretches;

/** Where a campaign is held: a world, or an installation. */
export interface Ground {
  clock: Clock;
  agencies: Pick<SampleAgencies, 'tell'>;
  as(sub: string): {
    request(method: string, path: string, body?: unknown): Promise<Answer>;
    file(folder: string, application: Record<string, unknown>): Promise<string>;
    complete(code: string, name: string, answer: unknown): Promise<Answer>;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    until(code: string, reached: (view: any) => boolean): Promise<any>;
  };
  passUntil(at: Date): Promise<void>;
}

/** An enrolment campaign of the sample ward in a test, with the people who hold it. */
export class Enrolment {
  readonly #ground: Ground;
  readonly code: string;
  /** Instants by round, from 0. */
  readonly rounds: Record<Stretch, Date>[];
  readonly year: number;

  private constructor(ground: Ground, code: string, rounds: Record<Stretch, Date>[], year: number) {
    this.#ground = ground;
    this.code = code;
    this.rounds = rounds;
    this.year = year;
  }

  /** The plan as its officer files it, with rounds that begin tomorrow. */
  static planFrom(now: Date, rounds = 1) {
    const day = 86_400_000;
    const midnight = Math.ceil(now.getTime() / day) * day - 7 * 3_600_000;
    const times = Array.from({ length: rounds }, (_, round) =>
      Object.fromEntries(
        Object.entries(stretches).map(([name, days]) => [
          name,
          new Date(midnight + (days + round * 14) * day),
        ]),
      ),
    ) as Record<Stretch, Date>[];
    const local = (at: Date) => new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 16);
    const year = times[0]!.opens.getUTCFullYear();
    const answers = {
      name: 'Tuyển sinh vào lớp 1 phường Vũng Tàu',
      schoolYear: `${year}-${year + 1}`,
      rounds: times.map((round) =>
        Object.fromEntries(Object.entries(round).map(([name, at]) => [name, local(at)])),
      ),
    };
    return { times, year, answers };
  }

  /** Plans a campaign with its schools. */
  static async plan(
    ground: Ground,
    { rounds = 1, schools }: { rounds?: number; schools: ReturnType<typeof madeUpSchool>[] },
  ): Promise<Enrolment> {
    const { times, year, answers } = Enrolment.planFrom(ground.clock.now(), rounds);
    const specialist = ground.as('vungtau.specialist');
    const application = { procedure: 'schoolCampaign', agency: 'H29.16', answers };
    const code = await specialist.file('', application);
    const path = `/api/v1/campaigns/${code}/offers`;
    const { status, body } = await specialist.request('PUT', path, { offers: schools });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return new Enrolment(ground, code, times, year);
  }

  /** Has the plan approved, and waits until it is announced. */
  async announce(): Promise<this> {
    await this.#ground.as('vungtau.specialist').complete(this.code, 'plan', { ready: true });
    await this.#ground.as('vungtau.leader').complete(this.code, 'planApproval', { decision: 'approve' });
    const published = ({ documents }: { documents: unknown[] }) => documents.length > 0;
    await this.#ground.as('vungtau.specialist').until(this.code, published);
    return this;
  }

  /** Lets time pass until a minute after the end of a stretch. */
  until(stretch: Stretch, round = 1): Promise<void> {
    return this.#ground.passUntil(this.rounds[round - 1]![stretch]);
  }

  /** Makes up children whom the registries know from now on. */
  async children(first: number, particulars: readonly Particulars[]): Promise<MadeUpChild[]> {
    const children = particulars.map((each, index) => madeUpChild(first + index, this.year, each));
    await this.tell(children);
    return children;
  }

  /** Tells the registries of children; how they behave beside that is told with them. */
  async tell(children: readonly MadeUpChild[], behaviour: Record<string, unknown> = {}): Promise<void> {
    const { agencies } = this.#ground;
    const residents = children.map(({ resident }) => resident);
    await agencies.tell('RESIDENT_REGISTRY', { also: residents, ...behaviour });
    await agencies.tell('EDUCATION', { also: children.map(({ pupil }) => pupil), ...behaviour });
  }

  /** Files the application for a child. */
  file({ answers }: Pick<MadeUpChild, 'answers'>, parent = 'an'): Promise<string> {
    return this.#ground.as(parent).file('', { ...sampleParent(parent), answers });
  }

  /** Has the head and the committee approve the allocation that waits for them. */
  async approve(): Promise<void> {
    await this.#ground.as('vungtau.head').complete(this.code, 'approval', { decision: 'approve' });
    for (const member of committee)
      await this.#ground.as(member).complete(this.code, 'committee', { decision: 'approve' });
  }
}

/** The members of the sample committee. */
export const committee = ['vungtau.committee', 'vungtau.committee.second', 'vungtau.committee.third'];

/** The application of a sample citizen without the child. */
export const sampleParent = (sub: string) => ({
  procedure: 'schoolPlace',
  agency: 'H29.16',
  applicant: {
    fullName: sub === 'an' ? 'Nguyễn Văn An' : 'Trần Thị Bình',
    personalNumber: sub === 'an' ? '077090990001' : '077185990002',
    dateOfBirth: '1990-05-12',
    gender: sub === 'an' ? 'male' : 'female',
    nationality: 'VN',
    residence: { street: '27 đường Hoàng Hoa Thám', ...ward },
    phone: '0901234567',
    onBehalf: 'self',
    receiveBy: 'online',
    eStore: true,
  },
});
