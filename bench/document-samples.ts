import { fileURLToPath } from 'node:url';
import type { DocumentRequest } from '../activities/documents/render.ts';
import { sampleRequests } from '../activities/documents/samples.ts';

export const templates = fileURLToPath(new URL('../templates/', import.meta.url));

/** Makes the nth document of its kind. No two say the same, because the engine remembers what it laid out. */
export type Make = (nth: number) => DocumentRequest;

/** What is measured, named by its pages: as one paragraph, as hundreds, and as a table. */
export const documents = {
  pages2: (nth) => permit(nth, 1),
  pages3: (nth) => permit(nth, 30),
  pages12: (nth) => permit(nth, 310),
  paragraphs12: (nth) => permit(nth, 1, 350),
  register12: (nth) => register(nth, 100),
} satisfies Record<string, Make>;

const samples = sampleRequests(templates);

/** The sample of a template with another name, code and statement in its QR code. */
function another(template: string, nth: number) {
  const sample = samples.find((each) => each.template === template)!;
  const data = JSON.stringify(sample.data)
    .replaceAll('Nguyễn Văn An', personOf(nth).fullName)
    .replaceAll('H29.16-261122-0001', codeOf(nth))
    .replace(/("statement":"[^"]+)[^"]{6}"/, (_, rest: string) => `${rest}${String(nth).padStart(6, '0')}"`);
  return { ...sample, data: JSON.parse(data) as Record<string, unknown> };
}

/** The permit, as long as its conditions and owners make it. */
function permit(nth: number, sentences: number, owners = 1): DocumentRequest {
  const request = another('documents/construction-permit/permit', nth);
  const conditions = times(sentences, (index) => sentence.replace('số', `số ${nth}.${index}`)).join('');
  const coOwners = times(owners, (index) => personOf(nth, index));
  Object.assign(request.data['answers'] as object, { coOwners });
  return { ...request, data: { ...request.data, data: { draft: { conditions } } } };
}

function register(nth: number, cases: number): DocumentRequest {
  const request = another('letters/form-07', nth);
  const [first] = request.data['items'] as { applicant: object }[];
  const items = times(cases, (index) => ({
    ...first,
    code: codeOf(nth, index),
    applicant: { ...first?.applicant, ...personOf(nth, index) },
  }));
  return { ...request, data: { ...request.data, items } };
}

const sentence =
  'Chủ đầu tư phải thông báo ngày khởi công bằng văn bản số cho Ủy ban nhân dân phường trước 03 ngày làm việc. ';
const codeOf = (nth: number, index = 0) => `H29.16-261122-${nth}${index}`;
const personOf = (nth: number, index = 0) => ({
  fullName: `Nguyễn Văn ${nth}.${index}`,
  personalNumber: `${nth}.${index}`,
});
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));
