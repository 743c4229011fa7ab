import type { Identity } from '../api/identity.ts';
import { samplePeople } from '../embedded/samples.ts';
import type { Actor } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';

/** An identity provider for tests whose tokens are the subjects of the sample people. */
export function sampleIdentity(): Identity {
  const { people, machines } = samplePeople();
  const actors = new Map<string, Actor>(
    [...people, ...machines].map((person) => [person.sub, { ...person, roles: person.roles }]),
  );
  return {
    verify(token) {
      const actor = actors.get(token);
      return actor ? Promise.resolve(actor) : Promise.reject(new Refusal('not-signed-in', 'no such person'));
    },
    client: () => Promise.reject(new Refusal('not-ready', 'tests do not sign in by browser')),
  };
}
