import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import handlebars from 'handlebars';
import type { RuntimeOptions, TemplateDelegate } from 'handlebars';
import { helpers } from './helpers.ts';

/** Thrown when a document cannot be made from its template and data; the message names the file, the line and the fault. */
export class DocumentError extends Error {
  readonly template: string;

  constructor(template: string, fault: string) {
    super(`${template}: ${fault}`);
    this.template = template;
  }
}

/**
 * Opens the folder of templates: `partials/*.hbs` are known to all by their file name.
 *
 * Templates are strict: a variable that the data does not have is a {@link DocumentError} with template, line and
 * name. What may be absent is asked for with `(lookup answers "designer")`.
 *
 * @param options `marked`: every tag says in `data-at` where it stands, `letters/form-01.hbs:12`
 * @returns fills the template of that path (without `.hbs`) with data and gives HTML
 */
export function openTemplates(
  folder: string,
  { marked = false } = {},
): (template: string, data: Record<string, unknown>) => string {
  const environment = handlebars.create();
  environment.registerHelper(helpers);
  const compiled = new Map<string, TemplateDelegate>();

  const compile = (path: string, name: string): TemplateDelegate => {
    const program = parse(readFileSync(path, 'utf8'), name);
    new StrictParameters().accept(program);
    if (marked) new MarkedTags(name).accept(program);
    const fill = environment.compile(program, { strict: true });
    return (data: unknown, options?: RuntimeOptions) => {
      try {
        return fill(data, options);
      } catch (error) {
        throw error instanceof DocumentError ? error : new DocumentError(name, faultOf(error));
      }
    };
  };
  const partials = join(folder, 'partials');
  for (const file of existsSync(partials) ? readdirSync(partials) : []) {
    if (!file.endsWith('.hbs')) continue;
    const partial = compile(join(partials, file), `partials/${file}`);
    environment.registerPartial(file.slice(0, -'.hbs'.length), partial);
  }

  return (template, data) => {
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)+$/.test(template))
      throw new DocumentError(template, 'is not a template path');
    const path = join(folder, `${template}.hbs`);
    const fill = compiled.get(template) ?? (existsSync(path) && compile(path, `${template}.hbs`));
    if (!fill) throw new DocumentError(template, `there is no file ${path}`);
    compiled.set(template, fill);
    return fill(data);
  };
}

function parse(source: string, name: string): hbs.AST.Program {
  try {
    return handlebars.parse(source);
  } catch (error) {
    const [, line = '1', rest = String(error)] =
      /^Parse error on line (\d+):\n([^]+)$/.exec((error as Error).message) ?? [];
    throw new DocumentError(name, `line ${line}: cannot be read: ${rest.split('\n').join(' ')}`);
  }
}

/** Writes into each tag of a template where it stands. What comes from data is escaped and makes no tags. */
class MarkedTags extends handlebars.Visitor {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override ContentStatement(node: hbs.AST.ContentStatement): void {
    // Handlebars takes the white space away that stands around a block alone on its line.
    const original = node.original as unknown as string; // its types say otherwise
    const skipped = Math.max(0, original.indexOf(node.value));
    node.value = node.value.replace(/<[a-z][a-z0-9]*/g, (tag: string, offset: number) => {
      const lines = original.slice(0, skipped + offset).split('\n').length - 1;
      return `${tag} data-at="${this.#name}:${node.loc.start.line + lines}"`;
    });
  }
}

/** Handlebars' strict mode overlooks what is passed to helpers and partials; this marks those paths strict as well. */
class StrictParameters extends handlebars.Visitor {
  override MustacheStatement(node: hbs.AST.MustacheStatement): void {
    this.mark(node);
    super.MustacheStatement(node);
  }
  override BlockStatement(node: hbs.AST.BlockStatement): void {
    this.mark(node);
    super.BlockStatement(node);
  }
  override PartialStatement(node: hbs.AST.PartialStatement): void {
    this.mark(node);
    super.PartialStatement(node);
  }
  override SubExpression(node: hbs.AST.SubExpression): void {
    this.mark(node);
    super.SubExpression(node);
  }
  private mark({ params, hash }: { params: hbs.AST.Expression[]; hash?: hbs.AST.Hash }): void {
    for (const value of [...params, ...(hash?.pairs ?? []).map((pair) => pair.value)]) {
      if (value.type === 'PathExpression') Object.assign(value, { strict: true });
    }
  }
}

function faultOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, variable, at] = /^"(.+)" not defined in .* - (\d+):\d+$/s.exec(message) ?? [];
  return variable ? `line ${at}: “${variable}” is missing in the data` : message;
}
