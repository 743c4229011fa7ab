import type { Identity } from '../api/identity.ts';
import { samplePeople } from '../embedded/samples.ts';
import type { Actor } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';

/** Whatever a test's clock says, its people have signed in a moment ago. */
const justNow = { at: Number.MAX_SAFE_INTEGER };

/** An identity provider for tests whose tokens are the subjects of the sample people. */
export function sampleIdentity(): Identity {
  const { people, machines } = samplePeople();
  const levels = new Map(people.map(({ sub, identityLevel }) => [sub, identityLevel]));
  const actors = new Map<string, Actor>(
    [...people, ...machines].map((person) => [person.sub, { ...person, roles: person.roles }]),
  );
  return {
    verify(token) {
      const actor = actors.get(token);
      return actor
        ? Promise.resolve({
            actor,
            proof: { ...justNow, level: levels.get(token) },
            login: token,
            contact: {},
          })
        : Promise.reject(new Refusal('not-signed-in', 'no such person'));
    },
    read: () => undefined,
    keys: () => Promise.reject(new Refusal('not-ready', 'tests do not sign in by browser')),
    client: () => Promise.reject(new Refusal('not-ready', 'tests do not sign in by browser')),
  };
}
