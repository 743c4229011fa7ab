import { z } from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Control } from './control.ts';
import type { Act } from './act.ts';

const Problem = z.object({ status: z.int(), title: z.string() }).meta({ id: 'Problem' });
const json = (schema: z.ZodType) => ({ 'application/json': { schema } });

/** Describes an agency as OpenAPI 3.1, from the same schemas that check its questions and answers. */
export function describe(title: string, acts: readonly Act[], control: z.ZodType<Control>) {
  const paths: ZodOpenApiPathsObject = {};
  for (const act of acts) paths[act.path] = { ...paths[act.path], [act.method]: operation(act) };
  paths['/control'] = {
    get: {
      tags: ['sandbox'],
      summary: 'How the agency behaves now',
      responses: { 200: { description: 'Now', content: json(control) } },
    },
    put: {
      tags: ['sandbox'],
      summary: 'Tell the agency to be slow, down, wrong, duplicated or late',
      requestBody: { content: json(control) },
      responses: { 200: { description: 'From now on', content: json(control) } },
    },
  };
  const counts = z.object({ total: z.int(), byKey: z.record(z.string(), z.int()) });
  paths['/requests'] = {
    get: {
      tags: ['sandbox'],
      summary: 'How often each key was seen since the start',
      responses: { 200: { description: 'Counts', content: json(counts) } },
    },
  };
  return createDocument({
    openapi: '3.1.0',
    info: { title, version: '1.0.0', description: 'A sample agency: real HTTP, invented data.' },
    paths,
  });
}

function operation(act: Act) {
  const headers = {
    ...(act.keyed ? { 'Idempotency-Key': z.string() } : {}),
    ...(act.purposeBound ? { 'X-Case-Code': z.string() } : {}),
  };
  const names = [...act.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [String(name), z.string()] as const);
  const problem = { description: 'Refused', content: { 'application/problem+json': { schema: Problem } } };
  return {
    summary: act.summary,
    requestParams: { header: z.object(headers), path: z.object(Object.fromEntries(names)) },
    ...(act.question ? { requestBody: { required: true, content: json(act.question) } } : {}),
    responses: {
      [act.status]: { description: 'Answered', content: json(act.answer) },
      ...(act.keyed || act.purposeBound ? { 400: problem } : {}),
      ...(act.question ? { 422: problem } : {}),
      503: problem,
    },
  };
}
