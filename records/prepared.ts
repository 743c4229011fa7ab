import { createHash } from 'node:crypto';
import type pg from 'pg';

interface Parameterized {
  text: string;
  values: unknown[];
  name?: string;
}
type Answered = (error: (Error & { code?: string }) | null, result: unknown) => void;

/**
 * Begins a statement that is planned for its values each time: where agencies differ a hundredfold in size, one plan for any
 * of them is wrong for the largest.
 */
export const plannedAnew = '/* planned anew */';

/** PostgreSQL's word that a table was changed since a statement was prepared (feature_not_supported). */
const tableChanged = '0A000';

/**
 * Lets PostgreSQL parse and plan each statement with parameters once for each connection instead of once for each
 * call, which was more than a third of its work in a case.
 *
 * Statements are named by their text; so pass a list of any length as one array, never as one parameter a value.
 * A connection whose statements a migration made stale is closed, and the pool opens another.
 */
export function prepareStatements(connection: pg.Client): void {
  const send = connection.query.bind(connection) as (query: unknown, answered?: Answered) => unknown;
  const query = (asked: Parameterized, answered?: Answered) => {
    const once = !asked.values || asked.values.length === 0 || asked.text.startsWith(plannedAnew);
    if (!answered || once) return send(asked, answered);
    return send({ ...asked, name: nameOf(asked.text) }, (error, result) => {
      if (error?.code === tableChanged) void connection.end().catch(() => undefined);
      answered(error, result);
    });
  };
  Object.assign(connection, { query });
}

const names = new Map<string, string>();

/** A name of 27 characters; PostgreSQL keeps 63. The texts are those of this program, so they are remembered. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
  }
  return name;
}
