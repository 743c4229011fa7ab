import { purposes } from '../../fhir/codings.ts';
import type { AccessRow } from '../../records/fhir/accesses.ts';

type Text = { vi: string; en: string };

/** What people call the parts of a record. */
const parts: Readonly<Record<string, Text>> = {
  Patient: { vi: 'thông tin hành chính', en: 'personal details' },
  AllergyIntolerance: { vi: 'tiền sử dị ứng', en: 'allergies' },
  Condition: { vi: 'bệnh và chẩn đoán', en: 'conditions and diagnoses' },
  Observation: { vi: 'kết quả xét nghiệm, đo lường', en: 'test results and measurements' },
  Immunization: { vi: 'tiêm chủng', en: 'immunisations' },
  MedicationStatement: { vi: 'thuốc đang dùng', en: 'medication' },
  Encounter: { vi: 'các lần khám', en: 'visits' },
  Composition: { vi: 'bản tóm tắt hồ sơ', en: 'the summary' },
  Consent: { vi: 'các sự đồng ý', en: 'consents' },
  Provenance: { vi: 'nguồn gốc dữ liệu', en: 'where data come from' },
  AuditEvent: { vi: 'nhật ký truy cập', en: 'who has had access' },
};

/** What people call a part of a record. */
export const partCalled = (type: string | null): Text =>
  parts[type ?? ''] ?? { vi: 'hồ sơ', en: 'the record' };

const done: Readonly<Record<AccessRow['action'], Text>> = {
  read: { vi: 'đã xem', en: 'read' },
  search: { vi: 'đã xem', en: 'read' },
  history: { vi: 'đã xem các phiên bản của', en: 'read earlier versions of' },
  document: { vi: 'đã lấy', en: 'took' },
  create: { vi: 'đã ghi thêm', en: 'added to' },
  update: { vi: 'đã sửa', en: 'changed' },
  'break-glass': { vi: 'đã mở khẩn cấp', en: 'opened in an emergency' },
  judge: { vi: 'đã kiểm tra việc mở khẩn cấp', en: 'reviewed emergency access to' },
};

/** Tells an access in one plain sentence, without its time: who did what, and what for. */
export function sayAccess(
  row: Pick<AccessRow, 'actor' | 'agency_name' | 'action' | 'type' | 'purpose' | 'ground' | 'found'>,
): Text {
  const part = partCalled(row.type);
  if (row.ground === 'own')
    return { vi: `Bạn ${done[row.action].vi} ${part.vi}`, en: `You ${done[row.action].en} ${part.en}` };
  const who = (language: keyof Text) => {
    const agency = row.agency_name?.[language];
    return agency ? `${agency} (${row.actor.name})` : row.actor.name;
  };
  const purpose = row.purpose && purposes[row.purpose];
  const why = {
    vi: purpose ? `, mục đích ${purpose.vi}` : '',
    en: purpose ? `, for ${purpose.en}` : '',
  };
  if (row.ground === 'none')
    return {
      vi: `${who('vi')} đã tìm ${part.vi}${why.vi} nhưng bị từ chối`,
      en: `${who('en')} asked for ${part.en}${why.en} and was refused`,
    };
  const nothing = row.found === 0 && row.action !== 'break-glass' && row.action !== 'judge';
  const none = { vi: nothing ? ' (không có gì được trả về)' : '', en: nothing ? ' (nothing was given)' : '' };
  return {
    vi: `${who('vi')} ${done[row.action].vi} ${part.vi}${why.vi}${none.vi}`,
    en: `${who('en')} ${done[row.action].en} ${part.en}${why.en}${none.en}`,
  };
}
