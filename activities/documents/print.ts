import type { PrintoutJob } from '../../records/printouts.ts';
import type { Keystore } from './keystore.ts';
import type { Renderer } from './render.ts';
import type { Signing } from './signing.ts';

const titles = {
  'form-06': 'Phiếu kiểm soát quá trình giải quyết hồ sơ',
  'form-07': 'Sổ theo dõi hồ sơ',
};

/** What printing needs. */
export interface PrintDependencies {
  renderer: Renderer;
  keystore: Keystore;
  signing: Signing;
}

/** Makes the function that renders a printout and seals it with its agency's seal; the JSON that it shows is attached. */
export function createPrint({ renderer, keystore, signing }: PrintDependencies) {
  return async function print({
    id,
    form,
    agency,
    content,
    at,
    letterhead,
  }: PrintoutJob): Promise<Uint8Array> {
    const seal = await keystore.seal(agency);
    const name = letterhead.name.vi;
    const pdf = await renderer.render({
      template: `letters/${form}`,
      data: {
        ...content,
        agency: { code: agency, name, place: letterhead.place, parentName: letterhead.parentName?.vi ?? '' },
        document: { id, date: at.toISOString() },
      },
      decision: { schema: `motcua/${form}/1`, at: at.toISOString(), ...content },
      title: titles[form],
      language: 'vi',
      id,
      at,
      signatures: 1,
      stamps: [{ label: 'Cơ quan', name, title: '', at }],
    });
    const reason = `Đóng dấu cơ quan: ${titles[form]}`;
    const signed = await signing.sign(pdf, [{ signer: seal, reason, at, name }]);
    return signed.pdf;
  };
}
