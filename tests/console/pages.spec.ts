// Every page with data in it: accessibility in light and dark, no sideways scrolling on a phone, and its picture.
import { expect, test, type Page } from '@playwright/test';
import { COLOURS, accessible, api, newPage, picture, settled, signIn } from './kit';

const PAGES: [name: string, path: string, heading: string | RegExp][] = [
  ['dashboard', '/', 'Hello, Amina'],
  ['contacts', '/contacts', 'Contacts'],
  ['groups', '/groups', 'Groups'],
  ['imports', '/imports', 'Import'],
  ['suppressions', '/suppressions', 'Suppressions'],
  ['messages', '/messages', 'Messages'],
  ['compose', '/messages/new', 'New message'],
  ['calendar', '/messages/calendar', 'Calendar'],
  ['conversations', '/conversations', 'Conversations'],
  ['templates', '/templates', 'Templates'],
  ['templates-whatsapp', '/templates/whatsapp', 'WhatsApp templates'],
  ['media', '/media', 'Files'],
  ['template-new', '/templates/new', 'New template'],
  ['history', '/history', 'History'],
  ['providers', '/providers', 'Providers'],
  ['health', '/health', 'Provider health'],
  ['routing', '/routing', 'Routing'],
  ['prices', '/prices', 'Prices'],
  ['domains', '/domains', 'Domains'],
  ['outbox', '/outbox', 'Sandbox outbox'],
  ['webhooks', '/webhooks', 'Webhooks'],
  ['alerts', '/alerts', 'Alerts'],
  ['alert-mails', '/alerts/mails', 'Alerts by mail'],
  ['settings-organization', '/settings/organization', 'Settings'],
  ['settings-people', '/settings/users', 'Settings'],
  ['settings-api-keys', '/settings/api-keys', 'Settings'],
  ['settings-profile', '/settings/profile', 'Settings'],
  ['missing', '/nowhere', 'There is nothing at this address'],
];

/** Pages of one thing: the first of a list is opened. */
const FIRST: [name: string, path: string, table: string][] = [
  ['contact', '/contacts', 'Contacts'],
  ['group', '/groups', 'Groups'],
  ['import', '/imports', 'Imports'],
  ['message', '/messages', 'Messages'],
  ['conversation', '/conversations', 'Conversations'],
  ['template', '/templates', 'Templates'],
  ['webhook', '/webhooks', 'Webhook endpoints'],
];

/** In dark and on a phone, too: for eyes, as no test looks at pictures. */
const EVERY_PICTURE = process.env.DUNDUN_TEST_PICTURES === 'all';

let page: Page;
let wrong: string[];

test.describe.configure({ mode: 'default' });

test.beforeAll(async ({ browser }) => {
  ({ page, wrong } = await newPage(browser));
  await page.goto(`${api()}/sign-in`);
  await accessible(page, 'sign-in');
  await picture(page, 'sign-in');
  await page.goto(`${api()}/register`);
  await accessible(page, 'register');
  await page.goto(`${api()}/accept-invite`);
  await accessible(page, 'accept-invite');
  await signIn(page);
});

test.afterAll(() => page.context().close());

async function look(name: string) {
  await settled(page);
  await accessible(page, name);
  await picture(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page, `${name}, dark`, COLOURS);
  if (EVERY_PICTURE) await picture(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  // Asked until the page has found its new size.
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.configure({ soft: true }).poll(over, `${name} scrolls sideways on a phone`).toBeLessThanOrEqual(0);
  if (EVERY_PICTURE) await picture(page, `${name}-phone`);
  await page.setViewportSize({ width: 1360, height: 900 });
  expect.soft(wrong).toEqual([]);
}

for (const [name, path, heading] of PAGES) {
  test(name, async () => {
    await page.goto(api() + path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await look(name);
  });
}

for (const [name, path, table] of FIRST) {
  test(name, async () => {
    await page.goto(api() + path);
    // By keyboard: the link in the first row.
    await page.getByRole('table', { name: table, exact: true }).getByRole('link').first().focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`${path}/[a-z]{3}_`));
    await look(name);
  });
}

test('provider', async () => {
  await page.goto(`${api()}/providers`);
  await page.getByRole('link', { name: 'Sandbox', exact: true }).click();
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('The connection works')).toBeVisible();
  await look('provider');
});

test('a form is built from what a kind of provider needs, and problems land on their fields', async () => {
  await page.goto(`${api()}/providers`);
  await page.getByRole('button', { name: 'Add Twilio' }).click();
  const form = page.getByRole('dialog', { name: 'Add Twilio' });
  await expect(form.getByLabel('Account SID')).toBeVisible();
  await expect(form.getByRole('textbox', { name: 'Auth token' })).toHaveAttribute('type', 'password');
  await settled(page);
  await accessible(page, 'provider form');
  await picture(page, 'provider-form');
  await page.keyboard.press('Escape');

  await page.goto(`${api()}/contacts`);
  await page.getByRole('button', { name: 'New contact' }).click();
  await page.getByRole('textbox', { name: 'Phone' }).fill('12');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('textbox', { name: 'Phone' })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('textbox', { name: 'Phone' })).toBeFocused();
  await page.keyboard.press('Escape');
});

test('the keyboard alone leads from the navigation into a page', async () => {
  await page.goto(`${api()}/groups`);
  await settled(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'New group' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'New group' })).toBeFocused();
});
