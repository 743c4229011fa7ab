import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentRequest } from './render.ts';

interface SampleData extends Record<string, unknown> {
  case: { code: string };
  agency: { name: string };
  document: { id: string; date: string };
  signatory: { name: string; title: string };
}

/**
 * One request for each `*.sample.json` below `templatesFolder`, signed by a person and sealed by an agency; every
 * template lives beside such a sample, which documents its data.
 */
export function sampleRequests(templatesFolder: string): DocumentRequest[] {
  return readdirSync(templatesFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sample.json'))
    .sort()
    .map((file) => {
      const template = file.slice(0, -'.sample.json'.length).replaceAll('\\', '/');
      const data = JSON.parse(readFileSync(join(templatesFolder, file), 'utf8')) as SampleData;
      const at = new Date(data.document.date);
      return {
        template,
        data,
        decision: { schema: 'motcua/decision/1', id: data.document.id, case: data.case.code },
        title: `${template} ${data.case.code}`,
        language: 'vi',
        id: data.document.id,
        at,
        signatures: 2,
        stamps: [
          { label: 'Ký bởi', name: data.signatory.name, title: data.signatory.title, at },
          { label: 'Cơ quan', name: data.agency.name, title: '', at },
        ],
      };
    });
}
