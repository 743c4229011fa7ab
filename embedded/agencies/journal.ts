import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a sample agency must still know after its process was killed: one JSON line for each thing that happened. */
export interface Journal<Entry> {
  /** Everything written before this process started, oldest first. */
  readonly past: Entry[];
  write(entry: Entry): void;
}

/** Opens a journal, or one that forgets when no file is given; a line torn by a kill is skipped. */
export function openJournal<Entry>(file: string | undefined): Journal<Entry> {
  if (file === undefined) return { past: [], write: () => undefined };
  mkdirSync(dirname(file), { recursive: true });
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  return {
    past: text.split('\n').flatMap((line) => parseLine<Entry>(line)),
    write: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 }),
  };
}

function parseLine<Entry>(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}
