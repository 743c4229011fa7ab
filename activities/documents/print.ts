import type { Printout, PrintoutJob } from '../../records/printouts.ts';
import type { Keystore } from './keystore.ts';
import { letterTitles } from './letter-titles.ts';
import type { Renderer } from './render.ts';
import type { Signing } from './signing.ts';

const words = {
  vi: { agency: 'Cơ quan', seal: 'Đóng dấu cơ quan' },
  en: { agency: 'Agency', seal: 'Sealed by the agency' },
};

/** What printing needs. */
export interface PrintDependencies {
  renderer: Renderer;
  keystore: Keystore;
  signing: Signing;
}

/** A printout that is sealed: every one but a draft and a sample. */
export type SealedJob = PrintoutJob & { form: Exclude<Printout['form'], 'draft' | 'sample'> };

/** Makes the function that renders a printout and seals it with its agency's seal; the JSON that it shows is attached. */
export function createPrint({ renderer, keystore, signing }: PrintDependencies) {
  return async function print({ id, form, agency, content, at, letterhead }: SealedJob): Promise<Uint8Array> {
    const seal = await keystore.seal(agency);
    const language = form === 'english-extract' ? 'en' : 'vi';
    const title = letterTitles[form][language];
    const name = letterhead.name[language];
    const pdf = await renderer.render({
      template: `letters/${form}`,
      data: {
        ...content,
        agency: {
          code: agency,
          name,
          place: letterhead.place,
          parentName: letterhead.parentName?.[language] ?? '',
        },
        document: { id, date: at.toISOString() },
      },
      decision: { schema: `motcua/${form}/1`, at: at.toISOString(), ...content },
      title,
      language,
      id,
      at,
      signatures: 1,
      stamps: [{ label: words[language].agency, name, title: '', at }],
    });
    const reason = `${words[language].seal}: ${title}`;
    const signed = await signing.sign(pdf, [{ signer: seal, reason, at, name }]);
    return signed.pdf;
  };
}
