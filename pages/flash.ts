import type { Request } from 'express';

declare module 'express-session' {
  interface SessionData {
    /** What the next page tells first, once. */
    flash: Flash;
  }
}

/** What an act has brought about, and how to take it back where that is possible. */
export interface Flash {
  vi: string;
  en: string;
  undo?: string | undefined;
}

/** Tells something on the page that is shown next. */
export function tellNext(req: Request, flash: Flash): void {
  req.session.flash = flash;
}
