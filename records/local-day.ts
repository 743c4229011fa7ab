/** Local date (ISO) of Vietnam, which keeps +07:00 all year. */
export const localDay = (at: Date) => new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);
