import type { Channel } from './channels.ts';

/** When applications are taken, or not: of a procedure (null: of all) at an agency (null: at all). */
export interface FilingWindow {
  id: string;
  /** An opening lets file while it lasts and closes the rest of the time; a closing stops filing while it lasts. */
  kind: 'opening' | 'closing';
  procedureCode: string | null;
  agency: string | null;
  /** Instants (ISO 8601); `to` no longer belongs to it, null is without end. */
  from: string;
  to: string | null;
  /** How many applications are taken; null: any number. */
  cap: number | null;
  /** How many have been. */
  taken: number;
  /** Whether an application may be prepared before it opens. */
  prepareBefore: boolean;
  /** Whether it also binds those who come to the counter. */
  counterToo: boolean;
  /** Why it is closed; of a closing. */
  message: { vi: string; en: string } | null;
}

/** Whether an application may be filed now, and what to tell whoever wants to. */
export type FilingState =
  | { state: 'open'; window?: FilingWindow }
  /** It is taken in rounds only, and none was announced here. */
  | { state: 'unannounced'; window?: undefined }
  | { state: 'not-yet'; window: FilingWindow }
  | { state: 'full'; window: FilingWindow; next?: FilingWindow | undefined }
  | { state: 'over'; window: FilingWindow }
  | { state: 'closed'; window: FilingWindow };

/** Where and on which way somebody wants to file; without an agency, what holds for all of them. */
export interface Wish {
  agency?: string | undefined;
  channel: Channel;
  at: Date;
  /** Whether it is taken only while an opening lasts: in the rounds of a campaign. */
  inRounds?: boolean | undefined;
}

/**
 * Says whether an application may be filed. A closing decides first; then the openings of the agency itself or, where it has
 * none of its own, those for all agencies; without any, filing is open.
 *
 * @param windows of the procedure and of all procedures
 */
export function filingState(
  windows: readonly FilingWindow[],
  { agency, channel, at, inRounds = false }: Wish,
): FilingState {
  const binding = windows.filter(({ counterToo }) => counterToo || channel === 'online');
  const closing = binding
    .filter((each) => each.kind === 'closing' && isNow(each, at))
    .filter((each) => each.agency === null || each.agency === agency)
    .sort((a, b) => endOf(b) - endOf(a))[0];
  if (closing) return { state: 'closed', window: closing };
  const openings = binding
    .filter(({ kind }) => kind === 'opening')
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  const own = openings.filter((each) => each.agency !== null && each.agency === agency);
  const deciding = own.length > 0 ? own : openings.filter((each) => each.agency === null);
  const last = deciding.at(-1);
  if (!last) return { state: inRounds ? 'unannounced' : 'open' };
  const now = deciding.find((each) => isNow(each, at));
  const next = deciding.find(({ from }) => Date.parse(from) > at.getTime());
  if (now) return isFull(now) ? { state: 'full', window: now, next } : { state: 'open', window: now };
  return next ? { state: 'not-yet', window: next } : { state: 'over', window: last };
}

/** Whether somebody may begin an application, at one agency at least: it is open, or an opening lets prepare it. */
export function mayPrepare(windows: readonly FilingWindow[], at: Date, inRounds: boolean): boolean {
  const agencies = new Set(windows.map(({ agency }) => agency ?? undefined)).add(undefined);
  return [...agencies].some((agency) => {
    const { state, window } = filingState(windows, { agency, channel: 'online', at, inRounds });
    // Who is told that it is closed for a while can get ready meanwhile.
    if (state === 'open' || state === 'closed') return true;
    return state === 'not-yet' && window.prepareBefore;
  });
}

const isNow = (window: FilingWindow, at: Date) =>
  Date.parse(window.from) <= at.getTime() && at.getTime() < endOf(window);
const endOf = ({ to }: FilingWindow) => (to === null ? Infinity : Date.parse(to));
const isFull = ({ cap, taken }: FilingWindow) => cap !== null && taken >= cap;

/** Says in both languages how filing stands; undefined when it is simply open. */
export function sayFiling(filing: FilingState): { vi: string; en: string } | undefined {
  const { state, window } = filing;
  switch (state) {
    case 'open':
      return window && sayOpen(window);
    case 'unannounced':
      return both('Chưa công bố đợt nhận hồ sơ.', 'No round has been announced yet.');
    case 'not-yet':
      return both(
        `Mở nhận hồ sơ lúc ${sayMoment(window.from)}.`,
        `Opens on ${sayMomentInEnglish(window.from)}.`,
      );
    case 'full': {
      const filled = `${String(window.taken)}/${String(window.cap)}`;
      const next = filing.next?.from;
      return both(
        `Đã nhận đủ ${filled} hồ sơ.${next ? ` Mở lại lúc ${sayMoment(next)}.` : ''}`,
        `Closed: ${String(window.taken)} of ${String(window.cap)} taken.${next ? ` Opens again on ${sayMomentInEnglish(next)}.` : ''}`,
      );
    }
    case 'over':
      return both(
        `Đã hết thời gian nhận hồ sơ lúc ${sayMoment(window.to ?? '')}.`,
        `Closed since ${sayMomentInEnglish(window.to ?? '')}.`,
      );
    case 'closed': {
      const until = window.to
        ? both(` Mở lại lúc ${sayMoment(window.to)}.`, ` Opens again on ${sayMomentInEnglish(window.to)}.`)
        : both('', '');
      const counter = window.counterToo
        ? both('', '')
        : both(' Tại quầy vẫn nhận.', ' The counter still takes applications.');
      return both(
        `${window.message?.vi ?? ''}${until.vi}${counter.vi}`,
        `${window.message?.en ?? ''}${until.en}${counter.en}`,
      );
    }
  }
}

const both = (vi: string, en: string) => ({ vi, en });

function sayOpen({ to, cap, taken }: FilingWindow): { vi: string; en: string } {
  const until = to ? both(` đến ${sayMoment(to)}`, ` until ${sayMomentInEnglish(to)}`) : both('', '');
  const places =
    cap === null
      ? both('', '')
      : both(`; đã nhận ${taken}/${cap} hồ sơ`, `; ${taken} of ${cap} places are taken`);
  return both(`Đang nhận hồ sơ${until.vi}${places.vi}.`, `Open${until.en}${places.en}.`);
}

const zone = { timeZone: 'Asia/Ho_Chi_Minh' } as const;
const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const date = { day: '2-digit', month: '2-digit', year: 'numeric' } as const;
const clockTime = new Intl.DateTimeFormat('vi-VN', { ...zone, ...time });
const vietnamese = new Intl.DateTimeFormat('vi-VN', { ...zone, ...date });
const english = new Intl.DateTimeFormat('en-GB', { ...zone, day: 'numeric', month: 'long', year: 'numeric' });

const sayMoment = (instant: string) =>
  `${clockTime.format(new Date(instant))} ngày ${vietnamese.format(new Date(instant))}`;
const sayMomentInEnglish = (instant: string) =>
  `${english.format(new Date(instant))} at ${clockTime.format(new Date(instant))}`;
