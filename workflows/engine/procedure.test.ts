import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { withoutPersonal } from './form.ts';
import { defineProcedure, personal } from './index.ts';

const facts = {
  code: '9.000001',
  title: { vi: 'Thử', en: 'Trial' },
  effectiveFrom: '2026-01-01',
  legalBasis: [],
  application: z.object({
    pole: z.string(),
    'seen/at': z.string(),
    reporter: personal(z.object({ phone: z.string() })),
  }),
  papers: { photo: { title: { vi: 'Ảnh', en: 'Photo' }, required: false } },
  limit: '3wd',
  tasks: {
    check: {
      title: { vi: 'Xem', en: 'Check' },
      by: 'specialist',
      due: '1wd',
      form: z.object({ ok: z.boolean() }),
    },
    confirm: {
      title: { vi: 'Báo', en: 'Confirm' },
      by: 'citizen',
      expires: '2wd',
      silence: 'acceptance',
      form: z.object({ ok: z.boolean() }),
    },
  },
  documents: {
    report: {
      title: { vi: 'Báo cáo', en: 'Report' },
      template: 'trial/report',
      register: 'BC',
      signedBy: 'check',
    },
  },
} as const;

describe('defineProcedure', () => {
  it('gives a story typed by its facts', () => {
    const { procedure } = defineProcedure(facts, async ({ application, tasks, issue }) => {
      expectTypeOf(application.pole).toEqualTypeOf<string>();
      // @ts-expect-error personal data never reach the story
      void application.reporter;
      const check = await tasks.check();
      expectTypeOf(check).toEqualTypeOf<{ ok: boolean }>();
      const confirmed = await tasks.confirm();
      // @ts-expect-error a task that expires may be unanswered, and the story must say what happens then
      void confirmed.ok;
      // @ts-expect-error there is no such task
      void tasks.approve;
      // @ts-expect-error there is no such document
      await issue('permit', {});
      return 'done';
    });
    const engines = ['withdraw', 'extend', 'consult', 'handOver', 'correction', 'signCorrection'];
    expect(Object.keys(procedure.tasks)).toEqual(['check', 'confirm', ...engines]);
  });

  it('lets a task be due or expire, never both', () => {
    const check = { ...facts.tasks.check, expires: '2wd', silence: 'closing' } as const;
    const definition = () =>
      // @ts-expect-error due escalates and waits on, expires ends the wait: a task does one of them
      defineProcedure({ ...facts, tasks: { check } }, () => Promise.resolve('done'));
    expect(definition).toBeTypeOf('function');
  });

  it('names papers by kind and fields by JSON Pointer', () => {
    const { procedure } = defineProcedure(facts, () => Promise.resolve('done'));
    expect(procedure.names).toMatchObject({
      photo: { vi: 'Ảnh' },
      '/seen~1at': { vi: 'seen/at' },
      '/reporter/phone': {},
    });
  });

  it('keeps personal fields out of what Temporal is told', () => {
    const answers = { pole: 'A1', 'seen/at': '2026-01-01', reporter: { phone: '0912345678' } };
    expect(withoutPersonal(facts.application, answers)).toEqual({ pole: 'A1', 'seen/at': '2026-01-01' });
  });
});
