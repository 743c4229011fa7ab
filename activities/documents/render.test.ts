import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PDFArray, PDFDict, PDFDocument, PDFName, PDFStream } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf } from './pdf-text.ts';
import { createRenderer } from './render.ts';
import type { DocumentRequest } from './render.ts';
import { sampleRequests } from './samples.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const renderer = createRenderer(templates);
const samples = sampleRequests(templates);

function sample(name: string): DocumentRequest {
  const found = samples.find((each) => each.name.endsWith(name));
  if (!found) throw new Error(`no sample ${name}`);
  return structuredClone(found);
}

/** A permit whose red line reads as given: one place where an applicant's words stand. */
function permitSaying(words: string): DocumentRequest {
  const request = sample('/permit');
  (request.data['answers'] as Record<string, unknown>)['redLine'] = words;
  return request;
}

const onOneLine = (text: string) => text.replace(/\s+/g, ' ');

describe('what a template or its data lacks', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motcua-templates-'));
    await cp(templates, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a missing variable is named with its template and line', async () => {
    const request = sample('/permit');
    delete (request.data['answers'] as Record<string, unknown>)['heightM'];
    await expect(renderer.render(request)).rejects.toThrow(
      /^documents\/construction-permit\/permit\.hbs: line \d+: “heightM” is missing in the data$/,
    );
  });

  test('a variable that a partial misses is named with the partial', async () => {
    const request = sample('/form-01');
    delete (request.data['document'] as Record<string, unknown>)['verifyUrl'];
    await expect(renderer.render(request)).rejects.toThrow(/“verifyUrl” is missing/);
  });

  test('a template that does not exist, or lies outside the folder, is refused', async () => {
    await expect(renderer.render({ ...sample('/permit'), template: 'documents/nothing' })).rejects.toThrow(
      /documents\/nothing: there is no file/,
    );
    await expect(renderer.render({ ...sample('/permit'), template: '../etc/passwd' })).rejects.toThrow(
      'is not a template path',
    );
  });

  test.each([
    ['<video></video>', '<video> is not a tag that documents know'],
    ['<p><b><img></b></p>', '<img> cannot stand inside a paragraph'],
    ['<table><thead><tr><th>x</th></tr></thead></table>', 'a <table> has no row in its <tbody>'],
    ['<p class="blink">x</p>', 'the class “blink” is not one that documents know'],
    ['<img src="https://example.vn/logo.png" alt="x">', '<img> needs a PNG data URL'],
  ])('%s is refused in words', async (html, words) => {
    await writeFile(
      join(folder, 'letters', 'broken.hbs'),
      `<p>{{case.code}}</p>\n{{#if case}}\n${html}\n{{/if}}`,
    );
    const own = createRenderer(folder);
    await expect(own.render({ ...sample('/form-01'), template: 'letters/broken' })).rejects.toThrow(
      `letters/broken.hbs: line 3: ${words}`,
    );
  });

  test('a mistake in a partial is told with the partial, and what Handlebars cannot read with its line', async () => {
    await writeFile(join(folder, 'partials', 'odd.hbs'), '<p>x</p>\n<marquee>x</marquee>');
    await writeFile(join(folder, 'letters', 'broken.hbs'), '{{> odd}}');
    const request = { ...sample('/form-01'), template: 'letters/broken' };
    await expect(createRenderer(folder).render(request)).rejects.toThrow(
      'partials/odd.hbs: line 2: <marquee> is not a tag that documents know',
    );
    await writeFile(join(folder, 'letters', 'broken.hbs'), '<p>\n{{#if case}}\n</p>');
    await expect(createRenderer(folder).render(request)).rejects.toThrow(
      /^letters\/broken\.hbs: line 3: cannot be read/,
    );
    await rm(join(folder, 'partials', 'odd.hbs'));
  });
});

/** The name of the country and its motto. */
const national = {
  vi: ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'Độc lập - Tự do - Hạnh phúc'],
  en: ['SOCIALIST REPUBLIC OF VIET NAM', 'Independence - Freedom - Happiness'],
};

/** The case of a sample and whom it is about: the agency, where the applicant is not named in public. */
function namedIn({ applicant = 'Nguyễn Văn An', agency, case: of }: Record<string, unknown>) {
  const { fullName: who = (agency as { name: string }).name } =
    typeof applicant === 'string' ? { fullName: applicant } : (applicant as { fullName?: string });
  return { who, code: typeof of === 'string' ? of : (of as { code: string }).code };
}

describe('every template with its sample', () => {
  test.each(samples.map((request) => [request.name, request] as const))(
    '%s becomes a tagged PDF that says who, what and when',
    async (_, request) => {
      const pdf = await renderer.render(request);
      const text = onOneLine(await textOf(pdf));
      for (const words of national[request.language]) expect(text).toContain(words);
      const { who, code } = namedIn(request.data);
      expect(text.toLocaleUpperCase('vi')).toContain(who.toLocaleUpperCase('vi'));
      expect(text).toContain(code);
      expect(text).toMatch(/(Thời gian ký|Sealed at): \d\d\.\d\d\.2026 \d\d:\d\d:\d\d \+07:00/);

      const { catalog, context } = await PDFDocument.load(pdf, { updateMetadata: false });
      expect(catalog.has(PDFName.of('StructTreeRoot'))).toBe(true);
      const metadata = context.lookup(catalog.get(PDFName.of('Metadata')), PDFStream);
      const xmp = Buffer.from(metadata.getContents()).toString('utf8');
      expect(xmp).toContain('<pdfaid:part>3</pdfaid:part>');
      expect(xmp).toContain('<pdfuaid:part>1</pdfuaid:part>');
      expect(xmp).toContain(`uuid:${request.id}`);
    },
  );

  test('the decision is attached as data that a machine reads', async () => {
    const request = { ...sample('/permit'), decision: { outcome: 'granted', name: 'Nguyễn Văn An' } };
    const { catalog, context } = await PDFDocument.load(await renderer.render(request));
    const [reference] = context.lookup(catalog.get(PDFName.of('AF')), PDFArray).asArray();
    const file = context.lookup(reference, PDFDict);
    expect(file.get(PDFName.of('AFRelationship'))).toBe(PDFName.of('Data'));
    const stream = file.lookup(PDFName.of('EF'), PDFDict).lookup(PDFName.of('F'), PDFStream);
    expect(JSON.parse(Buffer.from(stream.getContents()).toString('utf8'))).toEqual(request.decision);
  });

  test('the same request gives the same bytes, whatever was rendered before', async () => {
    const first = await renderer.render(sample('/permit'));
    await renderer.render(sample('/refusal'));
    await renderer.render(permitSaying('Trùng với lộ giới'));
    expect(Buffer.compare(first, await renderer.render(sample('/permit')))).toBe(0);
  });

  test('a letter that nobody signs in person is issued by the office itself', async () => {
    const request = sample('/form-01');
    request.data['signatory'] = { name: '', title: '' };
    request.stamps = request.stamps.slice(1);
    const text = await textOf(await renderer.render(request));
    expect(text).toContain('Cơ quan:');
    expect(text).not.toContain('NGƯỜI TIẾP NHẬN HỒ SƠ');
  });

  test('without stamps there is room to sign by hand', async () => {
    const request = { ...sample('/refusal'), signatures: 0, stamps: [] };
    expect(await textOf(await renderer.render(request))).not.toContain('Thời gian ký');
  });
});

describe('what people typed prints as they typed it', () => {
  test.each([
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    '#panic("x") #let x = 1 *bold* _em_ $x^2$ @ref <label> `raw` // comment',
    '{{document.number}} {{{data}}} &lt;b&gt; "q" \'a\' & \\ /',
    '- not a list = not a heading + nor this',
  ])('%s', async (words) => {
    expect(onOneLine(await textOf(await renderer.render(permitSaying(words))))).toContain(words);
  });

  test('decomposed Vietnamese prints composed', async () => {
    const text = await textOf(await renderer.render(permitSaying('Nguyễn Thị Ước'.normalize('NFD'))));
    expect(text).toContain('Nguyễn Thị Ước');
  });

  test('characters that print nothing, or turn the line around, are left out', async () => {
    const text = await textOf(await renderer.render(permitSaying('a\u0001b\u202ec\u2066d\u0000')));
    expect(text).toContain('abcd');
  });

  test('a word of ten thousand letters runs over the lines and pages', async () => {
    const text = await textOf(await renderer.render(permitSaying('Ắ'.repeat(10_000))));
    expect(text.split('Ắ').length - 1).toBe(10_000);
  });

  test('a character that the typeface does not have is refused by name', async () => {
    await expect(renderer.render(permitSaying('漢'))).rejects.toThrow(
      /^documents\/construction-permit\/permit\.hbs: .*“?"?漢"?.* could not be displayed/,
    );
  });
});
