import { z } from 'zod';
import {
  Address,
  askedWhen,
  choice,
  GeoPoint,
  personal,
  PersonalNumber,
  type WrongField,
} from '../engine/index.ts';
import { ethnicities } from '../forms/ethnicities.ts';
import { label, name, note, text } from '../forms/fields.ts';
import { PriorityChoice, ResidenceChoice, schoolCode } from '../forms/school.ts';

const yesNo = (vi: string, en: string) => z.boolean().default(false).meta(label(vi, en));
const day = (vi: string, en: string) => z.iso.date().meta(label(vi, en));

const Parent = z.object({
  fullName: name('Họ và tên', 'Full name'),
  personalNumber: PersonalNumber.optional().meta(
    label('Số định danh cá nhân', 'Personal identification number'),
  ),
  phone: text('Điện thoại', 'Phone', 20).optional(),
});

const Wish = z.object({ school: schoolCode('Trường', 'School') });

/** What parents say of a child that is to go to school, and of the schools that they would like. */
export const Application = z
  .object({
    childName: personal(name('Họ, chữ đệm, tên của trẻ', 'Name of the child')),
    childPersonalNumber: personal(
      PersonalNumber.meta(label('Số định danh cá nhân của trẻ', 'Personal number of the child')),
    ),
    childDob: personal(day('Ngày sinh', 'Date of birth')),
    childGender: personal(choice('Giới tính', 'Gender', { male: ['Nam', 'Male'], female: ['Nữ', 'Female'] })),
    ethnicity: personal(z.enum(ethnicities).meta(label('Dân tộc', 'Ethnic group'))),
    ageException: choice('Độ tuổi', 'Age', {
      none: ['Đủ 6 tuổi trong năm tuyển sinh', 'Six years old in the year of enrolment'],
      early: ['Học trước tuổi', 'Starts early'],
      late: [
        'Học muộn (khuyết tật, dân tộc thiểu số, hải đảo, ốm yếu, mồ côi, về nước)',
        'Starts late (disability, ethnic minority, island, illness, orphan, returned from abroad)',
      ],
    }).default('none'),
    residenceStatus: ResidenceChoice,
    residentSince: personal(day('Cư trú tại đây từ ngày', 'Lives there since')),
    currentAddress: personal(Address.meta(label('Nơi ở hiện nay của trẻ', 'Where the child lives now'))),
    home: personal(GeoPoint.optional().meta(label('Vị trí nhà trên bản đồ', 'The home on the map'))),
    father: personal(Parent.optional().meta(label('Cha', 'Father'))),
    mother: personal(Parent.optional().meta(label('Mẹ', 'Mother'))),
    guardian: personal(Parent.optional().meta(label('Người giám hộ', 'Guardian'))),
    preschoolDone: yesNo('Đã học xong mẫu giáo 5 tuổi', 'Has finished preschool at five'),
    preschoolName: askedWhen(
      'preschoolDone',
      [true],
      personal(text('Trường mầm non', 'Preschool').optional()),
    ),
    wishes: z.array(Wish).min(1).max(3).meta(label('Nguyện vọng, theo thứ tự', 'Wishes, in their order')),
    acceptOther: z
      .boolean()
      .default(true)
      .meta(
        label(
          'Nếu các trường đã chọn đủ chỗ, nhận trường gần nhất còn chỗ',
          'If these are full, take the nearest school that has a place',
        ),
      ),
    hasPriority: yesNo('Trẻ thuộc diện ưu tiên', 'The child belongs to a group that goes first'),
    priorityGroup: askedWhen('hasPriority', [true], personal(PriorityChoice.optional())),
    siblingPersonalNumber: personal(
      PersonalNumber.optional().meta(
        label(
          'Số định danh của anh, chị, em đang học tại trường đã chọn',
          'Personal number of a sibling at one of these schools',
        ),
      ),
    ),
    specialNeeds: personal(note('Nhu cầu đặc biệt', 'Special needs').default('')),
    twoSession: yesNo('Học hai buổi mỗi ngày', 'Two sessions a day'),
    boarding: yesNo('Ở bán trú', 'Day boarding'),
    foreignLanguageStream: yesNo('Lớp tăng cường ngoại ngữ', 'Foreign-language stream'),
  })
  .refine(({ father, mother, guardian }) => father ?? mother ?? guardian, {
    path: ['father'],
    message: 'Phải có cha, mẹ hoặc người giám hộ · A parent or a guardian must be named',
  })
  .refine(({ hasPriority, priorityGroup }) => hasPriority === (priorityGroup !== undefined), {
    path: ['priorityGroup'],
    message: 'Chọn diện ưu tiên · Choose the group',
  })
  .refine(({ wishes }) => new Set(wishes.map(({ school }) => school)).size === wishes.length, {
    path: ['wishes'],
    message: 'Các nguyện vọng phải khác nhau · The wishes must differ',
  });

interface Filing {
  day: string;
  answers: Readonly<Record<string, unknown>>;
}

/** Children start school in the year in which they are six, earlier or later only for a reason (Circular 15/2026/TT-BGDĐT Art. 31). */
export function checkAge({ day: filed, answers }: Filing): WrongField[] {
  const { childDob, ageException, residentSince } = answers as {
    childDob: string;
    ageException: string;
    residentSince: string;
  };
  const age = Number(filed.slice(0, 4)) - Number(childDob.slice(0, 4));
  const wrong: WrongField[] = [];
  const expected =
    ageException === 'none' ? age === 6 : ageException === 'early' ? age === 5 : age > 6 && age <= 9;
  if (!expected)
    wrong.push({
      path: ['childDob'],
      message: `Trẻ ${age} tuổi trong năm nay, không khớp với độ tuổi đã chọn · The child is ${age} this year, which does not fit the age that was chosen`,
    });
  if (residentSince > filed)
    wrong.push({ path: ['residentSince'], message: 'Ngày chưa đến · That day has not come yet' });
  return wrong;
}

/** What an officer finds where the registries do not confirm what the parents say. */
export const Verification = z
  .object({
    decision: choice('Kết luận', 'Conclusion', {
      take: ['Nhận vào danh sách xét, theo kết quả xác minh dưới đây', 'Take it, as verified below'],
      refuse: ['Không thuộc đối tượng tuyển sinh', 'Not to be enrolled'],
    }),
    reasons: note('Căn cứ', 'Grounds').default(''),
    verifiedResidence: personal(
      ResidenceChoice.optional().meta(label('Diện cư trú đã xác minh', 'Residence as verified')),
    ),
    verifiedSince: personal(z.iso.date().optional().meta(label('Cư trú từ ngày', 'Lives there since'))),
    verifiedNeighbourhood: personal(text('Khu phố', 'Neighbourhood', 60).optional()),
    verifiedHome: personal(GeoPoint.optional().meta(label('Vị trí nhà', 'The home on the map'))),
    verifiedGroup: personal(
      PriorityChoice.optional().meta(label('Diện ưu tiên đã xác minh', 'Priority group as verified')),
    ),
    verifiedSiblingSchool: personal(
      schoolCode('Trường có anh, chị, em đang học', 'School where a sibling learns').optional(),
    ),
  })
  .refine(({ decision, reasons }) => decision === 'take' || reasons !== '', {
    path: ['reasons'],
    message: 'Phải nêu rõ lý do · The reasons must be given',
  });

/** What parents make of a place. */
export const Confirmation = z.object({
  decision: choice('Trả lời', 'Answer', {
    accept: ['Xác nhận nhập học', 'We take the place'],
    decline: ['Không nhận, nhường chỗ', 'We do not take it'],
    appeal: ['Giữ chỗ và khiếu nại để xin trường khác', 'We keep it and appeal for another school'],
  }),
});

/** Why parents think that their child was not treated rightly. */
export const Appeal = z.object({
  school: schoolCode('Trường đề nghị', 'The school that is asked for'),
  grounds: personal(z.string().trim().min(1).max(2000).meta(label('Lý do khiếu nại', 'Grounds'))),
});

/** The decision on an appeal. */
export const AppealDecision = z.object({
  decision: choice('Quyết định', 'Decision', {
    dismiss: ['Không chấp nhận', 'Dismiss'],
    place: ['Xếp vào chỗ còn trống', 'Give a place that is free'],
    extra: ['Đề nghị Ban chỉ đạo cho thêm chỗ', 'Ask the committee for an extra place'],
  }),
  reasons: z.string().trim().min(1).max(2000).meta(label('Lý do', 'Reasons')),
});

/** Whether the committee lets a school take one child more. */
export const ExtraPlace = z.object({
  decision: choice('Ý kiến', 'Opinion', {
    approve: ['Đồng ý thêm chỗ', 'In favour'],
    refuse: ['Không đồng ý', 'Against'],
  }),
});
