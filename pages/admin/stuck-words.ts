import type { Language } from '../../api/language.ts';
import type { RetryingCall } from '../../records/retrying.ts';
import { keyWords } from '../context-words.ts';

const verbs: Readonly<Record<string, { vi: string; en: string }>> = {
  ask: { vi: 'Hỏi', en: 'Ask' },
  issue: { vi: 'Ban hành', en: 'Issue' },
  letter: { vi: 'Lập văn bản', en: 'Write' },
  file: { vi: 'Mở hồ sơ con', en: 'File' },
};

/** A call that is tried again, in plain words. */
export function sayCall({ activity, agency, failure, ...call }: RetryingCall, language: Language) {
  const [verb = '', object = ''] = activity.split(' ');
  const words = verbs[verb]?.[language] ?? verb;
  return {
    ...call,
    activity,
    what: `${words}: ${keyWords[object]?.[language] ?? object}`,
    failure: agency ? `${agency[language]}: ${failure[language]}` : failure[language],
    href: `/admin/calls/${call.case}/${encodeURIComponent(activity)}/${call.number}`,
    temporal: `/temporal/namespaces/default/workflows/${call.case}`,
  };
}
