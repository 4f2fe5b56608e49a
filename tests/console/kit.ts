// What the tests share: where the program is, who signs in, a guard against errors in the page, accessibility, pictures.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Browser, type Locator, type Page, type Request } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

export const OWNER = { organization: 'Sunrise School', name: 'Amina Otieno', email: 'amina@example.org', password: 'correct horse battery' };
export const SAMPLE = resolve(import.meta.dirname, '../../docs/samples/contacts.xlsx');

const PICTURES = resolve(import.meta.dirname, '../../target/console-screenshots');

/** The address of the program, as it printed it. */
export function api(): string {
  const address = process.env.DUNDUN_TEST_API;
  if (!address) throw new Error('The program did not print its address.');
  return address;
}

/** What each page waits for. The browser's own count of it never ends when a reload cuts a request off. */
const pending = new WeakMap<Page, Set<Request>>();

/** Whatever a page must never do. The list is looked at when a test ends. */
export function watch(page: Page): string[] {
  const wrong: string[] = [];
  const open = new Set<Request>();
  pending.set(page, open);
  page.on('domcontentloaded', () => open.clear());
  page.on('request', (request) => open.add(request));
  // Not when it is finished: an answer whose text nobody reads (one that says who must sign in) never is.
  page.on('response', (response) => open.delete(response.request()));
  page.on('requestfailed', (request) => open.delete(request));
  page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    // A refused form and a test of what is refused answer 4xx; the browser writes that down by itself. The check of accessibility
    // looks into every frame, and that of a mail runs no script, whose ever it is.
    const expected = text.startsWith('Failed to load resource') || text.startsWith("Blocked script execution in 'about:srcdoc'");
    if (message.type() === 'error' && !expected) wrong.push(`console: ${text}`);
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (['http:', 'https:'].includes(protocol) && hostname !== '127.0.0.1') wrong.push(`third party: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) wrong.push(`${response.status()}: ${response.url()}`);
  });
  return wrong;
}

/** What other colours may change. */
export const COLOURS = ['color-contrast', 'link-in-text-block'];

/** No serious or critical finding of axe: of all its rules, or of some. */
export async function accessible(page: Page, what: string, rules?: string[]) {
  // Colours that are on their way to others are neither.
  await page.evaluate(() => {
    const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    return Promise.allSettled(transitions.map((transition) => transition.finished)).then(() => undefined);
  });
  // The frame of a mail runs no script, so axe would wait half a minute there; and what is in it is not ours.
  // There is no other frame, so it need not open a page of its own to put their findings together, which takes most of a second.
  const axe = new AxeBuilder({ page }).exclude('iframe.mail').setLegacyMode();
  if (rules) axe.withRules(rules);
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  const { violations } = await axe.analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const told = serious.flatMap(({ id, nodes }) => nodes.slice(0, 4).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`));
  // All pages are looked at before the test fails.
  expect.soft(told, `axe on ${what}`).toEqual([]);
}

export async function picture(page: Page, name: string) {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, animations: 'disabled' });
}

/** A page for all tests of a file: a refresh token is good once, so they cannot share a stored one. */
export async function newPage(browser: Browser) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  return { page, wrong: watch(page) };
}

export async function signIn(page: Page) {
  await page.goto(`${api()}/sign-in`);
  await page.getByLabel('E-mail address').fill(OWNER.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Amina');
}

/** Nothing under way: no skeletons, no spinners. */
export async function settled(page: Page) {
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  await expect.poll(() => pending.get(page)?.size ?? 0).toBe(0);
}

/** Goes to a page of the console. */
export async function open(page: Page, path: string, heading: string) {
  await page.goto(api() + path);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
}

/** Chooses an option of a list. */
export async function choose(page: Page, name: string, option: string | RegExp, within: Page | Locator = page) {
  await within.getByRole('combobox', { name }).click();
  await page.getByRole('option', { name: option }).first().click();
}

/** Begins a message to one number. */
export async function write(page: Page, to: string, text: string) {
  // What a test before has begun is not gone on with.
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${api()}/messages/new`);
  await page.getByRole('combobox', { name: 'To' }).fill(to);
  await page.getByRole('option', { name: to }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Text' }).fill(text);
}
