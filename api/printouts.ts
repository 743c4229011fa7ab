import { setTimeout as pause } from 'node:timers/promises';
import type { Response } from 'express';
import type { Database } from '../records/db.ts';
import { askPrintout, dropPrintout, takePrintout, type Printout } from '../records/printouts.ts';
import { Refusal } from '../records/refusal.ts';

const patienceMs = 60_000;
const everyMs = 100;

/**
 * Asks the worker, which keeps the seals, for a signed PDF and sends it; no cache keeps it.
 *
 * @param show whether the browser keeps the file or shows it
 * @throws Refusal `not-ready` when it cannot be made or no worker makes it within a minute
 */
export async function sendPrintout(
  res: Response,
  db: Database,
  printout: Printout,
  fileName: string,
  show: 'attachment' | 'inline' = 'attachment',
): Promise<void> {
  const id = await askPrintout(db, printout);
  const pdf = await waitFor(db, id);
  if (!pdf)
    throw new Refusal(
      'not-ready',
      'Chưa lập được tệp này; hãy thử lại sau · This file cannot be made now; try again later',
    );
  if (show === 'attachment') res.attachment(fileName);
  else res.set('Content-Disposition', `inline; filename*=UTF-8''${encodeURIComponent(fileName)}`);
  res.type('application/pdf').set('Cache-Control', 'private, no-store').send(pdf);
}

async function waitFor(db: Database, id: string): Promise<Buffer | null> {
  for (let waited = 0; waited < patienceMs; waited += everyMs) {
    const pdf = await takePrintout(db, id);
    if (pdf !== undefined) return pdf;
    await pause(everyMs);
  }
  await dropPrintout(db, id);
  return null;
}
