import type { OwnSession } from '../records/sessions.ts';

/** Families of browsers and systems, the more special before those whose names they carry too. */
const families: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bcoc_coc_browser\//, 'Cốc Cốc'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** Names the browser and the system that a request says it comes from; empty where it says nothing known. */
export function browserOf(userAgent = ''): OwnSession['browser'] {
  const named = (among: typeof families) => among.find(([mark]) => mark.test(userAgent))?.[1] ?? '';
  return { family: named(families), system: named(systems) };
}
