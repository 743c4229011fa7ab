import { Router } from 'express';
import { z } from 'zod';
import { everybody } from '../api/abilities.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { localDay } from '../records/local-day.ts';
import { inForce } from '../workflows/catalogue.ts';
import { sendPage } from './page.ts';
import { performer } from './words.ts';

const Sandbox = z.object({
  items: z.array(
    z.object({
      sub: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      agency: z.string().nullable(),
    }),
  ),
});
type Somebody = z.infer<typeof Sandbox>['items'][number];

/** Where programs come in: the API, what is published about every edition, and in a sandbox the tokens of its people. */
export function developers(deps: Pick<Deps, 'config' | 'procedures' | 'clock'>): Router {
  const router = Router();

  router.get('/developers', everybody, async (req, res) => {
    const language = languageOf(req);
    const today = localDay(deps.clock.now());
    const { publicUrl, DEV_IDP_URL: sandbox } = deps.config;
    const people = sandbox === undefined ? undefined : await peopleOf(sandbox);
    sendPage(req, res, 'developers', {
      title: { vi: 'Dành cho lập trình viên', en: 'For developers' },
      wide: true,
      url: publicUrl,
      editions: [...deps.procedures]
        .map(([id, procedure]) => ({
          id,
          code: procedure.code,
          title: procedure.title[language],
          now: inForce(procedure, today),
          from: procedure.effectiveFrom,
          to: procedure.effectiveTo ?? '',
        }))
        .sort((a, b) => Number(b.now) - Number(a.now) || a.code.localeCompare(b.code)),
      sandbox: sandbox !== undefined,
      people: people?.map(({ roles, agency, ...rest }) => ({
        ...rest,
        roles: roles.map((role) => performer(role)[language]).join(', '),
        agency: agency ?? '',
      })),
    });
  });

  return router;
}

/** Asks the sample identity provider who there is; undefined when it does not answer. */
async function peopleOf(sandbox: string): Promise<Somebody[] | undefined> {
  const asked = fetch(`${sandbox}/dev-idp/token`, { signal: AbortSignal.timeout(2_000) });
  const answer = await asked.then((response) => response.json()).catch(() => undefined);
  return Sandbox.safeParse(answer).data?.items;
}
