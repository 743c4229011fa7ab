import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { commitmentOf, lotteryOf } from '../records/lottery.ts';
import { procedures } from '../workflows/catalogue.ts';

/**
 * `npm run allocate -- <file or address>`: works out an allocation of a campaign again from its published inputs and seed, and
 * compares every placement, its rank and its reason with what was published; exit code 1 when anything differs.
 */
const Published = z.object({
  kind: z.enum(['round', 'given-on', 'appeal']),
  procedure: z.string(),
  seed: z.string().regex(/^[0-9a-f]{64}$/),
  commitment: z.string(),
  offers: z.array(z.object({ code: z.string(), name: z.string(), free: z.int() })),
  inputs: z.array(z.object({ id: z.string(), input: z.record(z.string(), z.unknown()) })),
  placements: z.array(
    z.object({
      id: z.string(),
      offer: z.string().nullable(),
      rank: z.int(),
      why: z.object({ vi: z.string(), en: z.string() }),
    }),
  ),
});
type Published = z.infer<typeof Published>;

/** Finds what is not as the rules and the seed make it. */
function differences({
  kind,
  procedure,
  seed: hex,
  commitment,
  offers,
  inputs,
  placements,
}: Published): string[] {
  const campaign = procedures.get(procedure)?.campaign;
  if (!campaign) return [`this program has no campaign "${procedure}"`];
  const seed = Buffer.from(hex, 'hex');
  const members = inputs.map((each) => ({ ...each, lottery: lotteryOf(seed, each.id) }));
  const decided = campaign
    .allocate({ offers, members })
    .filter(({ offer }) => kind === 'round' || offer !== null);
  const published = new Map(placements.map((each) => [each.id, each]));
  return [
    ...(commitmentOf(seed) === commitment ? [] : ['the seed is not the one that was announced']),
    ...(decided.length === placements.length
      ? []
      : [`${placements.length} placements, not ${decided.length}`]),
    ...decided.flatMap((own) => {
      const theirs = published.get(own.id);
      if (isDeepStrictEqual(theirs, own)) return [];
      return [`${own.id}: published ${JSON.stringify(theirs)}, worked out ${JSON.stringify(own)}`];
    }),
  ];
}

async function read(source: string): Promise<unknown> {
  if (!/^https?:/.test(source)) return JSON.parse(await readFile(source, 'utf8'));
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source} answers ${response.status}`);
  return response.json();
}

const [source] = process.argv.slice(2);
if (source === undefined) {
  console.error('npm run allocate -- <file or address of a published allocation>');
  process.exit(1);
}
const published = Published.parse(await read(source));
if (published.kind === 'appeal') {
  console.log(
    'This place was given by the decision on an appeal: people decided, and there is nothing to work out.',
  );
} else {
  const began = performance.now();
  const found = differences(published);
  for (const line of found) console.log(line);
  const { inputs, offers, placements } = published;
  const placed = placements.filter(({ offer }) => offer !== null).length;
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  console.log(
    `${inputs.length} applications, ${offers.length} offers, ${placed} placed, worked out in ${seconds} s: ${found.length === 0 ? 'exactly as published' : `${found.length} differences`}`,
  );
  if (found.length > 0) process.exitCode = 1;
}
