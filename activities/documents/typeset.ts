import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import type { Attachment } from './sources.ts';
import type { Node } from './tree.ts';

/** What the Typst program in templates/layouts/document.typ is given. */
export interface Page {
  title: string;
  language: string;
  at: Date;
  body: Node[];
  /** Whether each page says that this is a draft. */
  draft: boolean;
  /** The decision as JSON text, attached as decision.json, and what readers are told it is. */
  decision: string;
  attachment: string;
  /** Attached beside the decision. */
  attachments: Attachment[];
}

/**
 * For how many documents Typst remembers what it laid out: the words of a template are the same in the next one, which then
 * costs half. A document of thirteen pages of table keeps 20 MB so long.
 */
const remembered = 4;

interface Diagnostic {
  message?: string;
}

/**
 * Opens the one Typst program; its compiler and fonts are loaded once and reused for every document.
 *
 * @returns lays out a page tree and gives a tagged PDF/A-3a
 * @throws Error with Typst's own words when the tree cannot be laid out
 */
export function openTypesetter(layoutsFolder: string): (page: Page) => Uint8Array {
  const tinos = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/tinos/package.json'));
  const faces = ['400Regular', '400Regular_Italic', '700Bold', '700Bold_Italic'];
  const compiler = NodeCompiler.create({
    workspace: layoutsFolder,
    fontArgs: [{ fontBlobs: faces.map((face) => readFileSync(join(tinos, face, `Tinos_${face}.ttf`))) }],
  });

  return ({ at, decision, ...page }) => {
    const moment = at
      .toISOString()
      .split(/[-T:.]/, 6)
      .map(Number);
    const inputs = { document: JSON.stringify({ ...page, at: moment }), decision };
    try {
      const compilation = compiler.compile({ mainFilePath: join(layoutsFolder, 'document.typ'), inputs });
      if (!compilation.result)
        throw new Error(firstMessage(compilation.takeError()?.shortDiagnostics as Diagnostic[]));
      return compiler.pdf(compilation.result, { pdfStandard: 'a-3a' });
    } catch (error) {
      throw new Error(explain(error));
    } finally {
      compiler.evictCache(remembered);
    }
  };
}

/** The fault itself; the other diagnostics say from where in the Typst program it came. */
function firstMessage(diagnostics: Diagnostic[] = []): string {
  return (diagnostics[0]?.message ?? 'Typst gave no reason').replace('assertion failed: ', '');
}

/** Typst's diagnostics as one sentence; export errors arrive as Rust debug text, from which the messages are taken. */
function explain(fault: unknown): string {
  const text = fault instanceof Error ? fault.message : String(fault);
  const messages = [...text.matchAll(/message: "((?:[^"\\]|\\.)*)"/g)].map(([, message]) =>
    message?.replaceAll('\\', ''),
  );
  return messages.length > 0 ? [...new Set(messages)].join('; ') : text;
}
