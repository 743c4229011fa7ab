interface Step {
  title: string;
  by: string;
  role: string;
}

const size = { width: 640, row: 64, lane: 150 };
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * Draws the course of a procedure as an SVG: a row for each step, with whoever performs it on the left. The list of steps
 * beside it says the same in words, so readers of the screen are spared the picture.
 */
export function drawSteps(steps: readonly Step[]): string {
  const height = steps.length * size.row + 8;
  const rows = steps.map(({ title, by }, index) => {
    const y = index * size.row + 8;
    const arrow =
      index === 0
        ? ''
        : `<path d="M${size.lane + 24} ${y - size.row + 48}V${y}" stroke="#505a5f" stroke-width="2" marker-end="url(#arrow)"/>`;
    return `${arrow}<text x="0" y="${y + 29}" font-size="14" fill="#505a5f">${escaped(short(by, 20))}</text>
<rect x="${size.lane}" y="${y}" width="${size.width - size.lane - 4}" height="48" rx="6" fill="#f8eeee" stroke="#a4161a"/>
<text x="${size.lane + 14}" y="${y + 30}" font-size="16" fill="#0b0c0c">${escaped(short(title, 52))}</text>`;
  });
  return `<svg viewBox="0 0 ${size.width} ${height}" class="motcua-diagram" aria-hidden="true" font-family="Be Vietnam Pro, sans-serif">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#505a5f"/></marker></defs>
${rows.join('\n')}
</svg>`;
}

const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
