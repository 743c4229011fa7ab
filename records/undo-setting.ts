import { switchConnector, type SwitchedOff } from './connectors.ts';
import type { Transaction } from './db.ts';
import { rateKeyOf, setRate, type Rate } from './fees.ts';
import { changeToUndo, type ChangeBy } from './setting-changes.ts';
import { setService, type Service } from './services.ts';
import { setWindow, type WindowFacts } from './windows.ts';

/**
 * Makes a setting what it was before its latest change; that is a change too, which can be undone.
 *
 * @throws Refusal `not-found`, `undo-over`, `day-gone-by` for a rate that holds already, `invalid-form`
 */
export async function undoSetting(
  trx: Transaction,
  by: Omit<ChangeBy, 'reason'>,
  id: number,
): Promise<{ change: number | null }> {
  const { area, subject, before } = await changeToUndo(trx, id);
  const because = { ...by, reason: `Hoàn tác thay đổi ${id} · Change ${id} undone` };
  // What a change keeps is what this program wrote of the same kind of setting.
  const facts = before as unknown;
  switch (area) {
    case 'windows':
      return setWindow(trx, because, subject, facts as WindowFacts | null);
    case 'tariffs':
      return setRate(trx, because, rateKeyOf(subject), facts as Rate | null);
    case 'connectors':
      return switchConnector(trx, because, subject, facts as SwitchedOff | null);
    case 'services':
      return setService(trx, because, subject, facts as Omit<Service, 'code'> | null);
  }
}
