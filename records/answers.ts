/**
 * SQL of the answers of a case as they are known now: those of the application and, in their place, what tasks have
 * been answered about people since the application was filed or last amended; later ones win.
 *
 * @param cases the alias under which the query knows the table
 */
export const knownAnswers = (cases: string) => /* sql */ `
  ${cases}.answers || coalesce((
    SELECT jsonb_object_agg(given.key, given.value ORDER BY answered.closed_at, answered.number)
      FROM tasks answered, jsonb_each(answered.personal) given
     WHERE answered.case_code = ${cases}.code AND answered.state = 'done'
       AND (${cases}.amended_at IS NULL OR answered.closed_at > ${cases}.amended_at)), '{}')`;
