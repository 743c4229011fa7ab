import { z } from 'zod';
import { Address, choice, personal, PersonalNumber } from '../engine/index.ts';
import { child } from './birth.ts';
import { label, name } from './fields.ts';

/** A child whose birth is registered, with the number that it was given. */
export const registeredChild = {
  childName: child.childName,
  childDob: child.childDob,
  childGender: child.childGender,
  childPersonalNumber: personal(
    PersonalNumber.meta(label('Số định danh cá nhân của trẻ', 'Personal number of the child')),
  ),
};

/** Where a child is to live, and how the household consents. */
export const household = {
  registerResidenceFor: choice('Đăng ký thường trú theo', 'The child lives with', {
    father: ['Cha', 'Father'],
    mother: ['Mẹ', 'Mother'],
    guardian: ['Người nuôi dưỡng', 'Guardian'],
  }),
  householdHeadName: personal(name('Họ tên chủ hộ', 'Head of the household')),
  householdHeadPid: personal(
    PersonalNumber.meta(label('Số định danh của chủ hộ', 'Personal number of the head of the household')),
  ),
  relationToHead: choice('Quan hệ với chủ hộ', 'Relation to the head of the household', {
    child: ['Con', 'Child'],
    grandchild: ['Cháu', 'Grandchild'],
    relative: ['Người thân thích', 'Relative'],
    other: ['Khác', 'Other'],
  }),
  residenceAddress: personal(Address.meta(label('Nơi đăng ký thường trú', 'Place of permanent residence'))),
  ownerConsentMode: choice('Chủ hộ đồng ý bằng', 'The household consents by', {
    vneid: ['VNeID', 'VNeID'],
    paper: ['Văn bản', 'A paper'],
    other: ['Cách khác', 'Another way'],
  }),
};

/** What a health-insurance card for a child is made from. */
export const insurance = {
  bhytFacilityCode: z
    .string()
    .regex(/^\d{5}$/, 'Mã 5 chữ số · A code of 5 digits')
    .meta(label('Nơi khám chữa bệnh ban đầu', 'Clinic of first treatment')),
  receiveBhyt: choice('Nhận thẻ bảo hiểm y tế', 'Receives the card by', {
    vneid: ['Trên VNeID', 'In VNeID'],
    paper: ['Bản giấy', 'On paper'],
    post: ['Qua bưu chính', 'By post'],
  }),
};

/**
 * Says that a child is under 6 on a day: until then its card is free and its papers are interlinked (Decree 63/2024/NĐ-CP).
 */
export function isUnderSix(childDob: string, day: string): boolean {
  return sixthBirthday(childDob) > day;
}

/**
 * Gives the last day of a child's card: 72 months after its birth, and 30 September of that year where school has not begun by then
 * (Law on Health Insurance, Art. 16.3).
 */
export function cardEnds(childDob: string): string {
  const birthday = sixthBirthday(childDob);
  const schoolBegins = `${birthday.slice(0, 4)}-09-30`;
  return birthday < schoolBegins ? schoolBegins : birthday;
}

/** A child of 29 February has it on 1 March. */
function sixthBirthday(childDob: string): string {
  const [year, month, day] = childDob.split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year + 6, month - 1, day)).toISOString().slice(0, 10);
}
