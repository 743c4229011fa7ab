/** Local date (ISO) of Vietnam, which keeps +07:00 all year. */
export const localDay = (at: Date) => new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);

/** The instant with which a local date (ISO) is over. */
export const endOfDay = (day: string) => new Date(new Date(`${day}T00:00:00+07:00`).getTime() + 86_400_000);

/** The local date (ISO) so many days earlier. */
export const daysBefore = (day: string, days: number) =>
  new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
