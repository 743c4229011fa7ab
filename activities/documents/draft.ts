import { z } from 'zod';
import { loadCaseFile } from '../../records/case-file.ts';
import type { PrintoutJob } from '../../records/printouts.ts';
import { lastDay, templateData, type DocumentDependencies } from './deliver.ts';
import type { Renderer } from './render.ts';
import { sampleRequests } from './samples.ts';
import { sources } from './sources.ts';

const Content = z.object({
  case: z.string(),
  document: z.string(),
  data: z.record(z.string(), z.unknown()),
  signatory: z.object({ name: z.string(), title: z.string() }).nullable(),
});

/** Stands where the register's number will be. */
const noNumber = '……';

/**
 * Makes the function that renders a result as it would be issued now, across each page the word that it is a draft: without number, QR
 * code, signature or seal, and entered nowhere.
 */
export function createDraft(
  deps: Pick<DocumentDependencies, 'db' | 'renderer' | 'procedures' | 'publicUrl'>,
) {
  return async function draft({ id, content, at }: PrintoutJob): Promise<Uint8Array> {
    const { case: code, document, data, signatory } = Content.parse(content);
    const file = await loadCaseFile(deps.db, code);
    const facts = deps.procedures.get(file.procedure)?.documents[document];
    if (!facts) throw new Error(`${file.procedure} has no document "${document}"`);
    const { db, publicUrl } = deps;
    const gathered = facts.gathers && (await sources[facts.gathers]({ db, file, publicUrl, at }));
    const validUntil = lastDay(deps, { document, file, at });
    const shown = { id, number: noNumber, date: at.toISOString(), verifyUrl: '', statement: '', validUntil };
    return deps.renderer.render({
      template: `documents/${facts.template}`,
      data: templateData(deps, { file, signatory, data: { ...data, ...gathered?.data } }, shown),
      decision: { schema: 'motcua/draft/1', case: code, document },
      title: `Dự thảo: ${facts.title.vi} ${code}`,
      language: 'vi',
      id,
      at,
      signatures: 0,
      stamps: [],
      draft: true,
    });
  };
}

/** Makes the function that renders a template with the sample that lies beside it, marked as a draft like every document that is none. */
export function createSample(renderer: Renderer, templatesFolder: string) {
  return async function sample({ content }: PrintoutJob): Promise<Uint8Array> {
    const { template } = z.object({ template: z.string() }).parse(content);
    const request = sampleRequests(templatesFolder).find((each) => each.name === template);
    if (!request) throw new Error(`the template "${template}" has no sample`);
    return renderer.render({ ...request, signatures: 0, draft: true });
  };
}
