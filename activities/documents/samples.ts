import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentRequest } from './render.ts';

interface SampleData extends Record<string, unknown> {
  agency: { name: string };
  document: { id: string; date: string; statement: string };
  signatory: { name: string; title: string };
  /** Name of the sample that is shown within this one. */
  enclosed?: string;
  /** Vietnamese unless told. */
  language?: 'vi' | 'en';
}

/** As long as the statements of real documents, so that the QR code of a sample is as dense as theirs; nobody has signed it. */
const statement = createHash('shake256', { outputLength: 285 }).update('sample').digest('base64url');

/** A template with the data of one sample. */
interface Sample extends DocumentRequest {
  /** Its path below the folder of templates, without `.sample.json`. */
  name: string;
}

/**
 * One request for each `*.sample.json` below `templatesFolder`, signed by its signatory, if any, and sealed by an agency;
 * every template lives beside such a sample, which documents its data. `form-01.counter.sample.json` is another one of
 * `form-01.hbs`.
 */
export function sampleRequests(templatesFolder: string): Sample[] {
  return readdirSync(templatesFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sample.json'))
    .sort()
    .map((file) =>
      sampleRequest(templatesFolder, file.slice(0, -'.sample.json'.length).replaceAll('\\', '/')),
    );
}

function sampleRequest(templatesFolder: string, name: string): Sample {
  const [template = name] = name.split('.', 1);
  const file = join(templatesFolder, `${name}.sample.json`);
  const { enclosed, language = 'vi', ...data } = JSON.parse(readFileSync(file, 'utf8')) as SampleData;
  data.document.statement = statement;
  const at = new Date(data.document.date);
  const { agency, signatory } = data;
  return {
    name,
    template,
    data,
    decision: { schema: 'motcua/decision/1', id: data.document.id },
    title: `${name} ${data.document.id}`,
    language,
    id: data.document.id,
    at,
    signatures: 2,
    stamps: [
      ...(signatory.name ? [{ label: 'Ký bởi', ...signatory, at }] : []),
      { label: language === 'vi' ? 'Cơ quan' : 'Agency', name: agency.name, title: '', at },
    ],
    enclosed: enclosed ? sampleRequest(templatesFolder, enclosed) : undefined,
  };
}
