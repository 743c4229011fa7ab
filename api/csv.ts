/** What a file of CSV begins with: spreadsheets take it for UTF-8 only with this mark. */
export const csvMark = '\uFEFF';

/** A line of CSV (RFC 4180); a cell that a spreadsheet would take for a formula is made text. */
export function csvLine(values: readonly string[]): string {
  const cell = (value: string) =>
    `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
  return `${values.map(cell).join(',')}\r\n`;
}
