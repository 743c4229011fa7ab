import { defaultTreeAdapter as dom, parseFragment } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';

/** What the Typst program lays out: text, or an element with its layout classes. */
export type Node = string | Element;

export interface Element {
  /** HTML tag. */
  t: string;
  /** Layout classes, see templates/layouts/document.typ. */
  c: string[];
  /** Children. */
  k: Node[];
  /** Relative widths of columns, from `data-widths="40 60"`. */
  w?: number[];
  /** Cells: columns and rows that they span. */
  x?: number;
  y?: number;
  /** Images: the bytes of a PNG, and alternative text. */
  png?: number[];
  alt?: string;
  /** Where its tag stands, in a tree that is made to find a fault: `letters/form-01.hbs:12`. */
  at?: string;
}

const inline = new Set(['strong', 'b', 'em', 'i', 'u', 'sup', 'sub', 'span', 'br']);
const paragraphs = new Set(['p', 'h1', 'h2', 'h3']);
const flows = new Set(['div', 'section', 'header', 'footer', 'td', 'th', 'li']);
const structures = new Set(['table', 'thead', 'tbody', 'tr', 'ol', 'ul']);
const empty = new Set(['hr', 'img']);

/** Thrown for HTML that documents do not know. */
export class HtmlError extends Error {
  /** Where the tag stands, where the HTML says so in `data-at`. */
  readonly at: string | undefined;

  constructor(node: DefaultTreeAdapterTypes.Element, words: string) {
    super(words);
    this.at = node.attrs.find(({ name }) => name === 'data-at')?.value;
  }
}

/**
 * Turns a template's HTML into the tree that the Typst program lays out.
 *
 * Text keeps every visible character; control and direction-override characters, which print nothing but could
 * change how a line reads, are dropped.
 *
 * @throws HtmlError naming the tag or attribute when the HTML uses something that documents do not know
 */
export function parseHtml(html: string): Node[] {
  return flow(parseFragment(html.normalize('NFC')).childNodes);
}

function element(node: DefaultTreeAdapterTypes.Element): Element {
  const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]));
  const tag = node.tagName;
  const at = attributes.get('data-at');
  const result: Element = { t: tag, c: attributes.get('class')?.split(/\s+/).filter(Boolean) ?? [], k: [] };
  const widths = attributes.get('data-widths');
  if (at !== undefined) result.at = at;
  if (widths !== undefined) result.w = widths.split(' ').map(Number);
  if (inline.has(tag)) result.k = node.childNodes.flatMap(inlineNode);
  else if (paragraphs.has(tag)) result.k = trim(node.childNodes.flatMap(inlineNode));
  else if (flows.has(tag)) result.k = flow(node.childNodes);
  else if (structures.has(tag))
    result.k = node.childNodes.filter((child) => dom.isElementNode(child)).map(element);
  else if (!empty.has(tag)) throw new HtmlError(node, `<${tag}> is not a tag that documents know`);
  if (tag === 'td' || tag === 'th') {
    result.x = Number(attributes.get('colspan') ?? 1);
    result.y = Number(attributes.get('rowspan') ?? 1);
  }
  if (tag === 'img') Object.assign(result, image(node, attributes));
  return result;
}

function image(
  node: DefaultTreeAdapterTypes.Element,
  attributes: Map<string, string>,
): { png: number[]; alt: string } {
  const [, data] = /^data:image\/png;base64,(.+)$/.exec(attributes.get('src') ?? '') ?? [];
  const alt = attributes.get('alt');
  if (!data || !alt) throw new HtmlError(node, '<img> needs a PNG data URL as src, and alt');
  return { png: [...Buffer.from(data, 'base64')], alt };
}

function inlineNode(node: DefaultTreeAdapterTypes.ChildNode): Node[] {
  if (dom.isTextNode(node)) return [printable(node.value)];
  if (!dom.isElementNode(node)) return [];
  if (!inline.has(node.tagName))
    throw new HtmlError(node, `<${node.tagName}> cannot stand inside a paragraph`);
  return [element(node)];
}

/** Children of a block: runs of bare text become paragraphs, whitespace between blocks disappears. */
function flow(children: DefaultTreeAdapterTypes.ChildNode[]): Node[] {
  const blocks: Node[] = [];
  let run: Node[] = [];
  const endRun = () => {
    const text = trim(run);
    if (text.length > 0) blocks.push({ t: 'p', c: [], k: text });
    run = [];
  };
  for (const child of children) {
    if (dom.isTextNode(child) || (dom.isElementNode(child) && inline.has(child.tagName))) {
      run.push(...inlineNode(child));
    } else if (dom.isElementNode(child)) {
      endRun();
      blocks.push(element(child));
    }
  }
  endRun();
  return blocks;
}

/** Drops the spaces at the two ends of a paragraph and beside its line breaks, as a browser does. */
function trim(nodes: Node[]): Node[] {
  const isBreak = (node: Node | undefined) =>
    node === undefined || (typeof node !== 'string' && node.t === 'br');
  return nodes
    .map((node, at) => {
      if (typeof node !== 'string') return node;
      const start = isBreak(nodes[at - 1]) ? node.trimStart() : node;
      return isBreak(nodes[at + 1]) ? start.trimEnd() : start;
    })
    .filter((node) => node !== '');
}

// C0 and C1 controls, and the characters that embed or override the direction of text.
const unprintable = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Web addresses, which break by themselves and must stay copyable; else where a word longer than a line may break. */
const longWords =
  /https?:\/\/\S+|[\p{L}\p{M}\p{N}]{30}(?=[\p{L}\p{M}\p{N}])|[^\s\u200b]{60}(?=[^\s\u200b])/gu;

function printable(text: string): string {
  const clean = text
    .replace(/[\t\n\f\r ]+/g, ' ')
    .replace(unprintable, '')
    .replace(/\p{Surrogate}/gu, '\ufffd'); // half a character, which no JSON can carry
  // Looking for long words takes most of the time of reading a text, and hardly any has one.
  if (!/(?:^|\s)\S{31}/.test(clean)) return clean;
  return clean.replace(longWords, (match) => (match.startsWith('http') ? match : `${match}\u200b`));
}
