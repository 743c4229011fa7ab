import { watch } from 'node:fs';
import express, { type Response } from 'express';
import { createRenderer } from '../../activities/documents/render.ts';
import { sampleRequests } from '../../activities/documents/samples.ts';
import { serve } from '../../embedded/agencies/desk.ts';

/** How long changes of files are collected: editors write several times. */
const calmMs = 100;

/**
 * Serves a page on this machine that shows a template with its sample, or what is wrong with it, and follows every change
 * of the folder.
 *
 * @param name of the sample that is shown first; the page leads to the others
 */
export async function servePreview(
  templates: string,
  name: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const readers = new Set<Response>();
  const app = express();
  app.get('/', (req, res) => {
    const wanted = typeof req.query['name'] === 'string' ? req.query['name'] : name;
    res.type('html').send(page(wanted, namesIn(templates)));
  });
  app.get('/document.pdf', async (req, res) => {
    try {
      const request = sampleRequests(templates).find((each) => each.name === req.query['name']);
      if (!request) return void res.status(404).type('text').send('There is no such sample.');
      res.type('application/pdf').send(Buffer.from(await createRenderer(templates).render(request)));
    } catch (error) {
      res
        .status(422)
        .type('text')
        .send(error instanceof Error ? error.message : String(error));
    }
  });
  app.get('/changes', (req, res) => {
    res.type('text/event-stream').flushHeaders();
    readers.add(res);
    req.on('close', () => readers.delete(res));
  });

  let calming: NodeJS.Timeout | undefined;
  const watching = watch(templates, { recursive: true }, () => {
    clearTimeout(calming);
    calming = setTimeout(() => {
      for (const reader of readers) reader.write('data: changed\n\n');
    }, calmMs);
  });
  const { url, close } = await serve(app, 0);
  return {
    url,
    async close() {
      watching.close();
      clearTimeout(calming);
      await close();
    },
  };
}

/** The samples; none while one of them cannot be read, which the document says. */
function namesIn(templates: string): string[] {
  try {
    return sampleRequests(templates).map((each) => each.name);
  } catch {
    return [];
  }
}

const escape = (text: string) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

const page = (name: string, names: string[]) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escape(name)}</title>
<style>
  body { margin: 0; display: grid; grid-template-rows: auto auto 1fr; height: 100vh; font: 1rem sans-serif; }
  form, pre { margin: 0; padding: 0.5rem 1rem; }
  pre { background: #fdecea; color: #8a1117; white-space: pre-wrap; }
  iframe { width: 100%; height: 100%; border: 0; }
</style>
<form><label>Template <select name="name" onchange="this.form.submit()">
${names.map((each) => `<option${each === name ? ' selected' : ''}>${escape(each)}</option>`).join('\n')}
</select></label> <noscript><button>Show</button></noscript></form>
<pre role="alert" hidden></pre>
<iframe title="${escape(name)}"></iframe>
<script>
  const [frame, fault] = [document.querySelector('iframe'), document.querySelector('pre')];
  const show = async () => {
    const answer = await fetch('/document.pdf?name=' + encodeURIComponent(${JSON.stringify(name).replaceAll('<', '\\u003c')}));
    fault.hidden = answer.ok;
    if (!answer.ok) return (fault.textContent = await answer.text());
    URL.revokeObjectURL(frame.src);
    frame.src = URL.createObjectURL(await answer.blob());
  };
  new EventSource('/changes').onmessage = show;
  show();
</script>
`;
