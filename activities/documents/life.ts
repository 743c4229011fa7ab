import { loadCaseFile } from '../../records/case-file.ts';
import { loadAct, settleAct, type AskedAct } from '../../records/document-acts.ts';
import {
  deliver,
  shownOf,
  stampsOf,
  templateData,
  type DocumentDependencies,
  type ResultTexts,
} from './deliver.ts';
import { issueResult, signatories, takeNumber } from './issue.ts';
import { letterTitles } from './letter-titles.ts';

/** An act on a result that is to be carried out. */
export interface ActSettlement {
  /** Id of the act. */
  act: string;
  /** The workflow's instant (ISO 8601): the legal date of what is issued. */
  at: string;
}

type Carried = Pick<Parameters<typeof deliver>[1], 'key' | 'file' | 'at'> & {
  act: AskedAct;
  facts: ResultTexts;
};

/**
 * Makes the activity that carries out what an agency decides about a result: it issues the decision of revocation, the certified
 * copy or the new original, and enters what follows from it. Each step happens once.
 */
export function createSettle(deps: DocumentDependencies) {
  return async function settle({ act: id, at: instant }: ActSettlement): Promise<void> {
    const at = new Date(instant);
    const act = await loadAct(deps.db, id);
    const { key, of } = act;
    const file = await loadCaseFile(deps.db, key.caseCode);
    const facts = deps.procedures.get(file.procedure)?.documents[of.document];
    if (!facts) throw new Error(`this code has no document ${of.document} of ${file.procedure}`);
    const carry = { revoke, copy, reissue }[act.act];
    await settleAct(deps.db, act, await carry(deps, { key, file, at, act, facts }), at);
  };
}

async function revoke(deps: DocumentDependencies, carried: Carried): Promise<string> {
  const { act, file } = carried;
  const { of, reason, basis } = act;
  const registerNumber = await takeNumber(deps, { ...carried, facts: { register: 'QĐ' } });
  const { id } = await deliver(deps, {
    ...carried,
    ...(await signatories(deps, act.actor, file)),
    template: 'letters/revocation',
    title: letterTitles.revocation,
    registerNumber,
    data: {
      reason,
      basis: basis ?? '',
      revoked: { title: of.title.vi, number: of.registerNumber, issuedAt: of.issuedAt },
    },
  });
  return id;
}

/** The original as it was issued, below the words that it is a copy, above the certification. */
async function copy(deps: DocumentDependencies, carried: Carried): Promise<string> {
  const { act, file, facts } = carried;
  const { of } = act;
  const registerNumber = await takeNumber(deps, { ...carried, facts: { register: 'BS' } });
  const person = of.signers.find(({ capacity }) => capacity === 'person');
  const original = {
    key: { caseCode: file.code, document: of.document, number: 0 },
    file,
    at: new Date(of.issuedAt),
    title: of.title,
    registerNumber: of.registerNumber,
    signatory: { name: person?.name ?? '', title: person?.title ?? '' },
    data: of.data,
  };
  const { id } = await deliver(deps, {
    ...carried,
    ...(await signatories(deps, act.actor, file)),
    template: 'letters/certified-copy',
    title: { vi: `Bản sao: ${of.title.vi}`, en: `Certified copy: ${of.title.en}` },
    registerNumber,
    data: { original: { title: of.title.vi, number: of.registerNumber } },
    enclosed: {
      template: `documents/${facts.template}`,
      data: templateData(deps, original, {
        ...(await shownOf(deps, original, of.id)),
        validUntil: of.validUntil,
      }),
      stamps: stampsOf(of.signers, original.at),
    },
  });
  return id;
}

async function reissue(deps: DocumentDependencies, carried: Carried): Promise<string> {
  const { act } = carried;
  const { id } = await issueResult(deps, {
    ...carried,
    person: act.actor,
    data: {},
    replaces: { id: act.of.id, as: 'reissue' },
  });
  return id;
}
