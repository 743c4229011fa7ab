import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { City } from '../records/city.ts';
import type { People } from './samples.ts';

interface Words {
  vi: string;
  en: string;
}

interface Page {
  title: Words;
  text: Words;
  wrong?: Words;
  groups?: {
    name: Words;
    people: { sub: string; name: string; title?: string | undefined; role: string }[];
  }[];
  /** Who is asked for the PIN. */
  confirm?: { sub: string; name: string; title?: string | undefined };
  /** HTML of oidc-provider, put into the page as it is. */
  form?: string;
}

const template = Handlebars.compile<Page>(
  readFileSync(new URL('identity-page.hbs', import.meta.url), 'utf8'),
);
const render = (page: Page) => `<!doctype html>\n${template(page)}`;

/** The list of sample people to click, by agency; it says so when somebody unknown was asked for. */
export function signInPage({ people }: People, { agencies }: City, unknown = false): string {
  const citizens = { name: { vi: 'Người dân', en: 'Citizens' }, people: rows(people, undefined) };
  const officers = agencies.map(({ code, name }) => ({ name, people: rows(people, code) }));
  return render({
    title: { vi: 'Đăng nhập thử', en: 'Sample sign-in' },
    text: {
      vi: 'Đây là danh tính mẫu, không có mật khẩu và không phải VNeID. Chọn người mà bạn muốn đóng vai.',
      en: 'These are sample identities without passwords; this is not VNeID. Choose who you want to be.',
    },
    groups: [citizens, ...officers].filter((group) => group.people.length > 0),
    ...(unknown ? { wrong: { vi: 'Không có người này.', en: 'Nobody here is called that.' } } : {}),
  });
}

function rows(people: People['people'], agency: string | undefined) {
  return people
    .filter((person) => person.agency === agency)
    .map(({ sub, name, title, roles }) => ({ sub, name, title, role: roles.join(', ') }));
}

/** The PIN of everybody here; it is printed on the page that asks for it. */
export const samplePin = '246810';

/** Asks a person to confirm a signature with the PIN, as a real provider would with a second factor. */
export function confirmPage({ sub, name, title }: People['people'][number], unknown = false): string {
  return render({
    title: { vi: 'Xác nhận để ký (mẫu)', en: 'Confirm before you sign (sample)' },
    text: {
      vi: `Bước xác thực mạnh mẫu, không bảo vệ gì cả. Mã PIN của mọi người ở đây là ${samplePin}.`,
      en: `A sample of a strong authentication; it protects nothing. Everybody’s PIN here is ${samplePin}.`,
    },
    confirm: { sub, name, title },
    ...(unknown ? { wrong: { vi: 'Mã PIN không đúng.', en: 'That is not the PIN.' } } : {}),
  });
}

/** What somebody sees whose sign-in is too old or was never begun here. */
export function expiredPage(): string {
  return render({
    title: { vi: 'Không đăng nhập được', en: 'Sign-in did not work' },
    text: {
      vi: 'Yêu cầu đăng nhập đã hết hạn hoặc không hợp lệ. Hãy quay lại trang trước và đăng nhập lại.',
      en: 'This sign-in has expired or is not valid. Go back and sign in again.',
    },
  });
}

/** Asks whether to sign out; `form` is the provider's own form with its token against forgery. */
export function signOutPage(form: string): string {
  return render({
    title: { vi: 'Đăng xuất', en: 'Sign out' },
    text: { vi: 'Kết thúc phiên với danh tính mẫu.', en: 'End the session of the sample identity.' },
    form,
  });
}

/** What somebody sees who signed out and came from nowhere. */
export function signedOutPage(): string {
  return render({
    title: { vi: 'Đã đăng xuất', en: 'Signed out' },
    text: { vi: 'Bạn có thể đóng trang này.', en: 'You may close this page.' },
  });
}
