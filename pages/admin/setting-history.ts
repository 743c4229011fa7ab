import type { Language } from '../../api/language.ts';
import type { SettingChange } from '../../records/setting-changes.ts';
import type { Text } from '../../workflows/engine/index.ts';

/** How a setting's facts are told: what each is called, and how its value reads; undefined for what nobody needs to see. */
export interface Telling {
  titles: Readonly<Record<string, Text>>;
  value: (name: string, value: unknown) => string;
}

/** A change as the history shows it: what differs, fact by fact. */
export function tellChange(
  { id, at, actor, reason, before, after, latest }: SettingChange,
  { titles, value }: Telling,
  { title, undo, language }: { title: string; undo: string | undefined; language: Language },
) {
  const lines = Object.entries(titles).flatMap(([name, words]) => {
    const was = before ? value(name, before[name]) : '';
    const is = after ? value(name, after[name]) : '';
    return was === is ? [] : [{ title: words[language], before: was, after: is }];
  });
  return { id, at, who: actor.name, reason, title, lines, undo: latest ? undo : undefined };
}
