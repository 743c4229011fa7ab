import type { DraftSubCase } from '../activities/sub-cases.ts';
import { localDay } from '../records/local-day.ts';
import { editionFor } from './catalogue.ts';
import { withoutPersonal } from './engine/form.ts';
import type { Procedure } from './engine/procedure.ts';

/** Makes the function that draws up the application of a sub-case from its parent's file, as the facts of both say. */
export function draftSubCases(procedures: ReadonlyMap<string, Procedure>): DraftSubCase {
  return (parent, name, at) => {
    const facts = procedures.get(parent.procedure)?.subCases?.[name];
    if (!facts) throw new Error(`${parent.procedure} declares no sub-case "${name}"`);
    const given = facts.application(parent);
    const id = editionFor(procedures, facts.procedure, { day: localDay(at), answers: given });
    const procedure = id === undefined ? undefined : procedures.get(id);
    if (!id || !procedure) throw new Error(`no edition of ${facts.procedure} is in force`);
    const agency = facts.agency ? parent.agencies[facts.agency] : parent.agency;
    if (!agency) throw new Error(`the city's configuration names no agency for "${facts.agency}"`);
    const answers = procedure.application.parse(given);
    return {
      procedure: { ...procedure, id },
      agency,
      applicant: parent.applicant,
      answers,
      publicAnswers: withoutPersonal(procedure.application, answers),
      papers: parent.papers.flatMap(({ kind, upload }) => {
        const there = facts.papers?.[kind];
        return there ? [{ kind: there, upload }] : [];
      }),
    };
  };
}
