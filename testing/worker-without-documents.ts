import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createAsk } from '../activities/agencies/ask.ts';
import type { Agencies } from '../activities/agencies/questions.ts';
import { createCampaign } from '../activities/campaigns.ts';
import { createCaseActivities } from '../activities/cases.ts';
import { byVerb, type Activities } from '../activities/index.ts';
import { createRecount } from '../activities/recount.ts';
import { createDataConverter, openCaseKeys } from '../codec/index.ts';
import { enterDocument } from '../records/documents.ts';
import { taskQueue } from '../relay/relay.ts';
import { campaignRules } from '../workflows/campaigns.ts';
import { procedures } from '../workflows/catalogue.ts';
import { testMasterKey, type World } from './world.ts';

/**
 * Starts a worker of a world that has none, with the real activities; of a document it enters the row only, and the registries are
 * the given ones. Of every so many answers one is lost after its transaction, as when a worker is killed between that and telling
 * Temporal: what it did is done, nobody has heard of it, and it is tried again.
 */
export async function startForgetfulWorker(
  { temporalAddress: address, database: { db }, clock }: World,
  bundlePath: string,
  agencies: Agencies,
  lostOneOf: number,
): Promise<Worker> {
  let answers = 0;
  const enter = async (caseCode: string, document: string, number: number, at: string) => {
    const row = { id: randomUUID(), registerNumber: null, sha256: '', size: 0, signers: [] };
    const title = { vi: document, en: document };
    const entered = await enterDocument(
      db,
      { caseCode, document, number },
      { ...row, title, at: new Date(at) },
    );
    return { ...entered, registerNumber: '' };
  };
  const verbs: Partial<Activities> = {
    ...createCaseActivities({
      db,
      letter: async ({ case: code, letter, number, at }) => void (await enter(code, letter, number, at)),
    }),
    ask: createAsk({ db, agencies, clock }),
    issue: ({ case: code, document, number, at }) => enter(code, document, number, at),
    recount: createRecount(db),
    ...createCampaign({ db, campaignRules: campaignRules(procedures) }),
  };
  const connection = await NativeConnection.connect({ address });
  return Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    dataConverter: createDataConverter(openCaseKeys(db, testMasterKey)),
    activities: byVerb(verbs, async (work) => {
      const answer = await work();
      if (++answers % lostOneOf === 0) throw new Error('the worker is dead: nobody hears of it');
      return answer;
    }),
  });
}
