import type { Database, Transaction } from './db.ts';

/** A day that differs from the weekly rule, with the local date as text. */
export interface CalendarDay {
  day: string;
  kind: 'holiday' | 'compensatory-off' | 'swapped-off' | 'swapped-working';
  name: string;
}

/** The days of an agency's calendar that differ from Monday to Friday; its own rows override those of all agencies. */
export async function calendarDays(db: Database | Transaction, agency: string): Promise<CalendarDay[]> {
  const { rows } = await db.raw<{ rows: CalendarDay[] }>(
    /* sql */ `
    SELECT DISTINCT ON (day) to_char(day, 'YYYY-MM-DD') AS day, kind, name
      FROM calendar_days WHERE agency IN ('', ?) ORDER BY day, agency DESC`,
    [agency],
  );
  return rows;
}
