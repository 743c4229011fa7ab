import type { Actor, Role } from './actor.ts';
import type { Channel } from './channels.ts';
import { Refusal } from './refusal.ts';

/** Who files on which way. */
const files = {
  online: 'citizen',
  counter: 'reception',
  postal: 'reception',
  machine: 'sensor',
} as const satisfies Record<Channel, Role>;

/**
 * Lets through who may hand in an application: citizens online, anybody where it is anybody's, machines what they notice; at
 * the counter of an agency, and for what the public post brings, its reception, but nobody for themselves; what an agency
 * does on its own account, its officers.
 *
 * @param parties personal numbers of those for whom it is
 * @param filedBy the role of those officers
 * @throws Refusal `wrong-role`, `wrong-agency` or `same-person`
 */
export function mayHandIn(
  actor: Actor,
  {
    channel,
    agency,
    parties,
    byAnybody = false,
    filedBy,
  }: { channel: Channel; agency: string; parties: string[]; byAnybody?: boolean; filedBy?: Role | undefined },
): void {
  const role = filedBy ?? files[channel];
  if (byAnybody && channel === 'online' && !actor.roles.includes('sensor')) return;
  if (channel === 'machine' && !byAnybody)
    throw new Refusal('wrong-role', 'Máy không nộp thủ tục này · Machines do not file this procedure');
  if (!actor.roles.includes(role))
    throw new Refusal('wrong-role', 'Vai trò của bạn không được phép · Your role may not do this');
  if (role === 'citizen' || role === 'sensor') return;
  if (actor.agency !== agency)
    throw new Refusal('wrong-agency', 'Hồ sơ nộp tại cơ quan khác · It is handed in at another agency');
  if (actor.personalNumber && parties.includes(actor.personalNumber))
    throw new Refusal('same-person', 'Hồ sơ của chính bạn · Nobody takes in their own application');
}
