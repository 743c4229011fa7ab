import { defineSearchAttributeKey } from '@temporalio/common';
import { stateText } from './states.ts';

/** What cases can be searched by in the Temporal UI; provisioned at start. */
export const attributes = {
  procedureCode: defineSearchAttributeKey('ProcedureCode', 'KEYWORD'),
  caseCode: defineSearchAttributeKey('CaseCode', 'KEYWORD'),
  agency: defineSearchAttributeKey('Agency', 'KEYWORD'),
  caseState: defineSearchAttributeKey('CaseState', 'KEYWORD'),
  dueDate: defineSearchAttributeKey('DueDate', 'DATETIME'),
};

/** The search attributes of a case that is being started. */
export const attributesOf = (filed: { code: string; procedureCode: string; agency: string }) => [
  { key: attributes.procedureCode, value: filed.procedureCode },
  { key: attributes.caseCode, value: filed.code },
  { key: attributes.agency, value: filed.agency },
  { key: attributes.caseState, value: stateText(1) },
];
