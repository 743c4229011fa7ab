import type { Coding, FhirResource } from 'fhir/r4.js';
import { sensitiveClasses, systems, type DataClass, type SensitiveClass } from './codings.ts';
import { interactions, type StoredType } from './resource-types.ts';

/** Which codes say that data are about one of the sensitive classes, whatever their author thinks. */
const sensitiveCodes: Readonly<Record<SensitiveClass, Readonly<Record<string, RegExp>>>> = {
  mentalHealth: {
    // Mental and behavioural disorders; self-harm.
    [systems.icd10]: /^(F\d\d|X[67]\d|X8[0-4])/,
    // Antipsychotics, antidepressants, medicines against addiction.
    [systems.atc]: /^(N05A|N06A|N07B)/,
    // Depression and anxiety scales: PHQ-9 and GAD-7, their totals.
    [systems.loinc]: /^(44261-6|44249-1|70274-6|69737-5)$/,
  },
  hiv: {
    [systems.icd10]: /^(B2[0-4]|Z21|R75|Z20\.6|Z11\.4|O98\.7|F02\.4)/,
    // Antivirals for HIV and combinations of them.
    [systems.atc]: /^J05A(E|F0[1-9]|F1[0-3]|G|R|X0[789]|X12)/,
    [systems.loinc]: /^(75622-1|7917-8|5221-7|56888-1|31201-7|80387-4|20447-9|25836-8|24467-3|8122-4)$/,
  },
};

/**
 * Finds the sensitive classes of a resource: by the codes that stand anywhere in it, and by the labels that it was given. A label
 * can be added by whoever writes, never taken away.
 */
export function sensitiveClassesOf(resource: FhirResource): SensitiveClass[] {
  const codings = codingsIn(resource);
  return (Object.keys(sensitiveClasses) as SensitiveClass[]).filter((name) =>
    codings.some(
      ({ system = '', code = '' }) =>
        (system === systems.actCode && code === sensitiveClasses[name].label) ||
        sensitiveCodes[name][system]?.test(code),
    ),
  );
}

/** Puts the labels of its sensitive classes on a resource. */
export function labelled<R extends FhirResource>(resource: R): R {
  const found = sensitiveClassesOf(resource).map((name) => sensitiveClasses[name].label as string);
  const own = resource.meta?.security ?? [];
  const missing = found.filter(
    (label) => !own.some(({ system, code }) => system === systems.actCode && code === label),
  );
  if (missing.length === 0) return resource;
  const security = [...own, ...missing.map((code) => ({ system: systems.actCode, code }))];
  return { ...resource, meta: { ...resource.meta, security } };
}

/** The class of data that a resource belongs to; null where any consent will do. */
export function dataClassOf(resource: FhirResource): DataClass | null {
  const { dataClass } = interactions[resource.resourceType as StoredType];
  if (resource.resourceType !== 'Observation') return dataClass;
  const isImaging = (resource.category ?? []).some(({ coding = [] }) =>
    coding.some(({ code }) => code === 'imaging'),
  );
  return isImaging ? 'imaging' : dataClass;
}

/** Every coding of a resource, however deep. */
function codingsIn(value: unknown): Coding[] {
  if (value === null || typeof value !== 'object') return [];
  const inner = Object.values(value).flatMap(codingsIn);
  return 'code' in value && typeof value.code === 'string' ? [value as Coding, ...inner] : inner;
}
