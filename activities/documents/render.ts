import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import handlebars from 'handlebars';
import { makeBase } from './base.ts';
import type { Attachment } from './sources.ts';
import { DocumentError, openTemplates } from './template.ts';
import { HtmlError, parseHtml, type Node } from './tree.ts';
import { openTypesetter } from './typeset.ts';
import { versionOfTemplate } from './versions.ts';

/** What the page shows of one signature; the cryptographic signature is added later by `sign` with the same instant. */
export interface Stamp {
  /** What stands before the name, `Ký bởi` or `Cơ quan`. */
  label: string;
  name: string;
  /** Job title; empty for an agency's seal. */
  title: string;
  at: Date;
}

/** One document to make. */
export interface DocumentRequest {
  /** Path below the folder of templates, without `.hbs`: `documents/construction-permit/permit`, `letters/form-01`. */
  template: string;
  /** What the template is written against; see the sample beside each template. */
  data: Record<string, unknown>;
  /** Attached to the PDF as decision.json. */
  decision: Record<string, unknown>;
  /** Attached beside it. */
  attachments?: Attachment[] | undefined;
  /** Title that readers' windows and screen readers show. */
  title: string;
  language: 'vi' | 'en';
  /** UUID; becomes the PDF's id. The same request gives the same bytes. */
  id: string;
  at: Date;
  /** How many signatures will be added: `Signature1`, `Signature2` … */
  signatures: number;
  /** What the page shows of them, in the order of signing. */
  stamps: Stamp[];
  /** Whether each page says that this is a draft. */
  draft?: boolean;
  /** A document that is shown within this one, where its template says `{{enclosed}}`: the original of a copy. */
  enclosed?: Pick<DocumentRequest, 'template' | 'data' | 'stamps'> | undefined;
}

export interface Renderer {
  /**
   * Makes an unsigned document: tagged PDF/A-3a and PDF/UA-1 with the decision attached and empty signature fields.
   *
   * @throws DocumentError naming the template and what is wrong with it or its data
   */
  render(request: DocumentRequest): Promise<Uint8Array>;
  /** Gives the version of a template, by its path. */
  versionOf(template: string): string;
}

/** Opens the templates below `templatesFolder` (with its `layouts` and `partials`); keep one renderer per process. */
export function createRenderer(templatesFolder: string): Renderer {
  const fill = openTemplates(templatesFolder);
  const typeset = openTypesetter(join(templatesFolder, 'layouts'));

  /** Fills the template once more, now with the places of its tags, to say where the fault is. */
  const faultIn = (error: Error, request: DocumentRequest) => {
    const { template } = request;
    const mark = openTemplates(templatesFolder, { marked: true });
    const html = mark(template, contentOf(request, mark));
    const [file = `${template}.hbs`, line] = placeIn(html, error.message)?.split(':') ?? [];
    return new DocumentError(file, line ? `line ${line}: ${error.message}` : error.message);
  };

  return {
    versionOf: versionOfTemplate(templatesFolder),
    async render(request) {
      const { template, decision, title, language, id, at, signatures, draft = false } = request;
      const html = fill(template, contentOf(request, fill));
      let page: Uint8Array;
      try {
        page = typeset({
          title,
          language,
          at,
          draft,
          body: parseHtml(html),
          decision: JSON.stringify(decision, undefined, 2),
          attachments: request.attachments ?? [],
          attachment:
            language === 'vi' ? 'Nội dung quyết định, máy đọc được' : 'The decision in machine-readable form',
        });
      } catch (error) {
        throw faultIn(error as Error, request);
      }
      // A loop of renders that never reaches the event loop keeps every document's native memory.
      await setImmediate();
      return makeBase(page, { title, language, id, at, signatures });
    },
  };
}

/** What a template is filled with; a document within is filled first. */
function contentOf(
  { data, stamps, enclosed }: Pick<DocumentRequest, 'data' | 'stamps' | 'enclosed'>,
  fill: ReturnType<typeof openTemplates>,
): Record<string, unknown> {
  const within = enclosed && fill(enclosed.template, contentOf(enclosed, fill));
  return { ...data, stamps, ...(within !== undefined && { enclosed: new handlebars.SafeString(within) }) };
}

/** Where in marked HTML a fault is: at the tag that cannot be read, or at the first that has what the words name. */
function placeIn(html: string, words: string): string | undefined {
  const named = (node: Node): string | undefined => {
    if (typeof node === 'string') return undefined;
    if (words.includes(`<${node.t}>`) || node.c.some((each) => words.includes(`“${each}”`))) return node.at;
    return firstOf(node.k);
  };
  const firstOf = (nodes: Node[]) => nodes.map(named).find((place) => place !== undefined);
  try {
    return firstOf(parseHtml(html));
  } catch (error) {
    return error instanceof HtmlError ? error.at : undefined;
  }
}
