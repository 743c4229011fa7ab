import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { browserArguments, browserPath } from './browser.ts';

/** How somebody sits before the pages. */
export interface Seat {
  language: 'vi' | 'en';
  /** Whether their browser runs scripts. */
  scripts: boolean;
  /** Of the window, in CSS pixels. */
  width: number;
}

/** Kinds of page and widths that axe has examined in this file: once is enough, and it takes half a second. */
const examined = new Set<string>();

/** Somebody with a browser, signed in as a sample person or a stranger. */
export class Visitor {
  readonly page: Page;
  readonly #url: string;
  readonly #seat: Seat;
  readonly #context: BrowserContext;
  /** What the browser complained of, and what axe found: nothing of either may come. */
  readonly complaints: string[] = [];

  private constructor(page: Page, context: BrowserContext, url: string, seat: Seat) {
    this.page = page;
    this.#context = context;
    this.#url = url;
    this.#seat = seat;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A form that is refused answers 422, and the browser says so.
      if (message.type() === 'error' && !message.text().includes('422')) this.complaints.push(message.text());
    });
  }

  /** Opens a browser window for somebody; `sub` signs them in without the way over the identity provider. */
  static async open(browser: Browser, url: string, seat: Seat, sub?: string): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: seat.width, height: 900 },
      locale: seat.language === 'vi' ? 'vi-VN' : 'en-GB',
      javaScriptEnabled: seat.scripts,
      ...(sub ? { extraHTTPHeaders: { authorization: `Bearer ${sub}` } } : {}),
    });
    return new Visitor(await context.newPage(), context, url, seat);
  }

  /** Goes to an address and looks whether the page is right. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#url}${path}`);
    await this.look();
  }

  /** The text of the page's language. */
  say(vi: string, en: string): string {
    return this.#seat.language === 'vi' ? vi : en;
  }

  /** Presses a button by its words and looks at the page that comes. */
  async press(vi: string, en: string): Promise<void> {
    await this.page
      .getByRole('button', { name: this.say(vi, en), exact: true })
      .first()
      .click();
    await this.page.waitForLoadState();
    await this.look();
  }

  /** Follows a link by its words and looks at the page that comes. */
  async follow(vi: string, en: string): Promise<void> {
    await this.page
      .getByRole('link', { name: this.say(vi, en) })
      .first()
      .click();
    await this.page.waitForLoadState();
    await this.look();
  }

  /** Fills in answers by the JSON Pointers of their fields, as a person would by their kinds. */
  async fill(answers: Readonly<Record<string, unknown>>, at = ''): Promise<void> {
    for (const [name, value] of Object.entries(answers)) await this.#fillOne(`${at}/${name}`, value);
  }

  async #fillOne(pointer: string, value: unknown): Promise<void> {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      await this.fill(value as Record<string, unknown>, pointer);
      return;
    }
    const text = String(value);
    const day = this.page.locator(`[name="${pointer}-day"]`);
    if ((await day.count()) > 0) {
      const [year = '', month = '', date = ''] = text.split('-');
      await day.fill(date);
      await this.page.locator(`[name="${pointer}-month"]`).fill(month);
      await this.page.locator(`[name="${pointer}-year"]`).fill(year);
      return;
    }
    const control = this.page.locator(`[name="${pointer}"]`);
    if ((await control.count()) === 0) return;
    const kind = await control
      .first()
      .evaluate((element) => `${element.tagName} ${element.getAttribute('type') ?? ''}`);
    if (kind.startsWith('SELECT')) await control.selectOption(text);
    else if (/radio|checkbox/.test(kind))
      for (const each of [value].flat())
        await this.page.locator(`[name="${pointer}"][value="${String(each)}"]`).check();
    else
      await control.fill(
        typeof value === 'number' && this.#seat.language === 'vi' ? text.replace('.', ',') : text,
      );
  }

  /** Finds a case in the inbox, fills in the form of its task and sends it. */
  async decide(code: string, answer: Readonly<Record<string, unknown>>): Promise<void> {
    const row = this.page.locator('tr', { hasText: code });
    for (let patience = 100; (await row.count()) === 0 && patience > 0; patience--) {
      await this.page.goto(`${this.#url}/inbox`);
      if ((await row.count()) === 0) await this.page.waitForTimeout(50);
    }
    await this.look();
    await row.getByRole('link').first().click();
    await this.look();
    await this.fill({ answer });
    await this.press('Gửi', 'Send');
  }

  /** Goes to a page again and again until it says all of some words; gives those that it never said. */
  async until(path: string, ...words: string[]): Promise<string[]> {
    let missing = words;
    for (let patience = 100; patience > 0 && missing.length > 0; patience--) {
      await this.page.goto(`${this.#url}${path}`);
      const text = await this.page.locator('main').innerText();
      missing = words.filter((word) => !text.includes(word));
      if (missing.length > 0) await this.page.waitForTimeout(100);
    }
    await this.look();
    return missing;
  }

  /** Complains of what axe finds (WCAG 2.2 A and AA), of a page wider than the window and of a missing language. */
  async look(): Promise<void> {
    const { page } = this;
    const wide = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (wide > 1) this.complaints.push(`${page.url()} is ${wide} pixels too wide`);
    const language = await page.locator('html').getAttribute('lang');
    if (language !== this.#seat.language)
      this.complaints.push(`${page.url()} is in ${language ?? 'no language'}`);
    const kind = `${new URL(page.url()).pathname.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]\d\d[\d.]*-\d{6}-\d+/g, '*')} ${this.#seat.width}`;
    if (!this.#seat.scripts || examined.has(kind)) return;
    examined.add(kind);
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    for (const { id, nodes } of violations)
      this.complaints.push(
        `${page.url()}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
      );
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

/** Starts the browser that was found (testing/browser.ts). */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath!, args: browserArguments });
