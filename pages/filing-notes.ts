import type { Language } from '../api/language.ts';
import { listAgencies } from '../records/city.ts';
import type { Channel } from '../records/channels.ts';
import type { Database } from '../records/db.ts';
import { filingState, mayPrepare, sayFiling, type FilingWindow } from '../records/filing-state.ts';
import { listWindows } from '../records/windows.ts';

/** What a page tells of whether applications are taken now. */
export interface FilingNote {
  text: string;
  open: boolean;
}

/** What holds for all agencies, of one procedure or of the whole site; undefined where nobody has to be told. */
export function generalNote(
  windows: readonly FilingWindow[],
  code: string | undefined,
  at: Date,
  language: Language,
  inRounds = false,
): FilingNote | undefined {
  const of = windows.filter(({ procedureCode }) => procedureCode === null || procedureCode === code);
  return noteFor(of, { channel: 'online', at, inRounds }, language);
}

/** What the page of a procedure tells: what holds for all agencies, then those that differ; and whether one may begin. */
export async function filingNotes(
  db: Database,
  code: string,
  at: Date,
  language: Language,
  inRounds: boolean,
): Promise<{ notes: FilingNote[]; mayBegin: boolean; prepares: boolean }> {
  const windows = await listWindows(db, code);
  const general = noteFor(windows, { channel: 'online', at, inRounds }, language);
  const own = new Set(windows.flatMap(({ agency }) => agency ?? []));
  const differing = own.size === 0 ? [] : (await listAgencies(db)).filter((each) => own.has(each.code));
  const notes = differing.flatMap(({ code: agency, name }) => {
    const note = noteFor(windows, { agency, channel: 'online', at, inRounds }, language);
    return note ? [{ ...note, text: `${name[language]}: ${note.text}` }] : [];
  });
  const told = [...(general ? [general] : []), ...notes];
  const open = !general || told.some((note) => note.open);
  const mayBegin = mayPrepare(windows, at, inRounds);
  return { notes: told, mayBegin, prepares: mayBegin && !open };
}

/** Whether a draft can be handed in now where it is going; undefined where nobody has to be told. */
export async function draftNote(
  db: Database,
  wish: { code: string; agency: string; channel: Channel; at: Date; inRounds: boolean },
  language: Language,
): Promise<FilingNote | undefined> {
  return noteFor(await listWindows(db, wish.code), { ...wish, agency: wish.agency || undefined }, language);
}

function noteFor(
  windows: readonly FilingWindow[],
  wish: Parameters<typeof filingState>[1],
  language: Language,
): FilingNote | undefined {
  const filing = filingState(windows, wish);
  const said = sayFiling(filing);
  return said && { text: said[language], open: filing.state === 'open' };
}
