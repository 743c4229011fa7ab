import type { Request } from 'express';
import { keepSession } from '../api/session.ts';

declare module 'express-session' {
  interface SessionData {
    /** What the next page tells first, once. */
    flash: Flash;
  }
}

/** What an act has brought about, and where it is taken back while that is possible. */
export interface Flash {
  vi: string;
  en: string;
  undo?: string | undefined;
}

/** Tells something on the page that is shown next; resolves when that is kept, so that the next request finds it. */
export async function tellNext(req: Request, flash: Flash): Promise<void> {
  req.session.flash = flash;
  await keepSession(req);
}
