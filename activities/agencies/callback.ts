import { z } from 'zod';

/** Where an agency's system delivers its answer later: the completion of the task that waits for it. */
export const Callback = z.object({ url: z.url({ protocol: /^https?$/ }) }).meta({ id: 'Callback' });

/** The address at which an agency's system completes its task, with its own bearer token. */
export function taskCallback(publicUrl: string, taskId: string): z.infer<typeof Callback> {
  return { url: `${publicUrl.replace(/\/+$/, '')}/api/v1/tasks/${encodeURIComponent(taskId)}/complete` };
}
