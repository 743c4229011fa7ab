import type { Procedure } from '../../workflows/engine/index.ts';
import { createTestDatabase } from '../database.ts';
import type { Ground } from './life.ts';
import { openSandbox } from './sdk.ts';

/** Prepares a database and a sandbox for lives of a bundle's procedures. */
export async function openGround(
  bundle: string,
  procedures: ReadonlyMap<string, Procedure>,
): Promise<{ ground: Ground; close(): Promise<void> }> {
  const [database, sandbox] = await Promise.all([createTestDatabase(), openSandbox(bundle)]);
  let agencies = 0;
  const digits = (value: number, length: number) => String(value % 10 ** length).padStart(length, '0');
  const ground: Ground = {
    db: database.db,
    sandbox,
    procedures,
    nextAgency() {
      const number = agencies++;
      return `Z${digits(Math.floor(number / 1e5), 2)}.${digits(Math.floor(number / 100), 3)}.${digits(number, 2)}`;
    },
  };
  return { ground, close: () => database.drop() };
}
