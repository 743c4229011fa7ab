/** What the answers of Open311 are made of, before it is known whether they go out as JSON or as XML. */
export type Node = string | number | boolean | null | undefined | Node[] | { [name: string]: Node };

// What XML 1.0 allows in a text, without the control characters that no escape makes allowed.
const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const escaped = (text: string) =>
  text.replaceAll(forbidden, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Writes a document: objects as elements by their names, what is empty as an empty element.
 *
 * @param items name of the elements of a list, by the name of the list
 */
export function writeXml(root: string, content: Node, items: Readonly<Record<string, string>>): string {
  const element = (name: string, node: Node): string => {
    if (node === null || node === undefined || node === '') return `<${name}/>`;
    if (Array.isArray(node)) {
      const item = items[name];
      if (!item) throw new Error(`nobody says what the items of "${name}" are called`);
      return `<${name}>${node.map((each) => element(item, each)).join('')}</${name}>`;
    }
    const inside =
      typeof node === 'object'
        ? Object.entries(node)
            .map(([inner, value]) => element(inner, value))
            .join('')
        : escaped(String(node));
    return `<${name}>${inside}</${name}>`;
  };
  return `<?xml version="1.0" encoding="utf-8"?>\n${element(root, content)}\n`;
}
