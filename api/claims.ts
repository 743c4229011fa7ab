import { z } from 'zod';
import { roles, type Actor, type Role } from '../records/actor.ts';

const known = new Set<string>(roles);

/** What the identity provider says of a person; the only place that knows how its claims are called. */
const Claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().min(1).max(200).optional(),
  roles: z
    .array(z.string())
    .catch([])
    .transform((given) => given.filter((role): role is Role => known.has(role))),
  agency: z.string().min(1).max(40).optional(),
  title: z.string().min(1).max(200).optional(),
  personal_number: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
});

/**
 * Reads an {@link Actor} from the claims of a token; roles that Motcua does not know are dropped.
 *
 * @returns undefined when the claims do not name a person
 */
export function actorOf(claims: unknown): Actor | undefined {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return undefined;
  const { personal_number: personalNumber, name, ...rest } = parsed.data;
  return { ...rest, name: name ?? rest.sub, personalNumber };
}
