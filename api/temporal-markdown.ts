import { Router } from 'express';
import markdownIt from 'markdown-it';
import { z } from 'zod';
import { may } from './abilities.ts';
import { checkAddress } from './check.ts';

const Query = z.object({
  content: z.string().max(20_000).default(''),
  theme: z.enum(['light', 'dark']).catch('light'),
});

const markdown = markdownIt({ html: false, linkify: false });
// What is shown came as a part of an address, so it may lead only to pages of this installation.
markdown.validateLink = (address) => /^\/(?!\/)/.test(address);
// The UI shows this in a frame in which no page of ours would open.
markdown.core.ruler.push('links-open-a-window', ({ tokens }) => {
  const links = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open');
  for (const link of links) link.attrSet('target', '_blank');
});
const colours = { light: 'color: #141414; background: #f8fafc', dark: 'color: #f8fafc; background: #141414' };

/**
 * Shows the summary and the current details of a workflow inside the Temporal UI, for signed-in admins.
 * The UI fetches them from its server as rendered Markdown, and that route is lost under a public path (UI 2.54).
 */
export function temporalMarkdown(): Router {
  const router = Router();

  router.get('/temporal/render', may('read', 'temporal'), (req, res) => {
    const { content, theme } = checkAddress(req, Query, req.query);
    res.set({
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; " +
        'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
      'Cache-Control': 'no-store',
    });
    const style = `body { margin: 1rem; font: 16px/1.5 sans-serif; ${colours[theme]} } a { color: inherit }`;
    res
      .type('html')
      .send(
        `<!doctype html><html lang="vi"><title>Temporal</title><style>${style}</style>${markdown.render(content)}</html>`,
      );
  });

  return router;
}
