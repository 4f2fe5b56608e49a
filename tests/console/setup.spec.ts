// What an administrator sets up: prices, routing, provider health, webhook endpoints, who hears of alerts; with the data that the walk has left.
import { expect, test, type Page } from '@playwright/test';
import { accessible, api, choose, newPage, open, picture, settled, signIn, write } from './kit';
import { startReceiver } from './receiver';

let page: Page;
let wrong: string[];

test.describe.configure({ mode: 'default' });

test.beforeAll(async ({ browser }) => {
  ({ page, wrong } = await newPage(browser));
  await signIn(page);
});

test.afterAll(() => page.context().close());

test.afterEach(() => expect(wrong).toEqual([]));

test('a price, and what an estimate makes of it', async () => {
  await open(page, '/prices', 'Prices');
  await page.getByRole('button', { name: 'New price' }).first().click();
  await choose(page, 'Provider', 'Sandbox', page.getByRole('dialog'));
  await page.getByRole('textbox', { name: 'Destination' }).fill('Kenya');
  await page.getByRole('textbox', { name: 'Price' }).fill('0,80');
  await page.getByRole('combobox', { name: 'Currency' }).fill('KES');
  await page.getByRole('option', { name: /^KES/ }).click();
  await settled(page);
  await accessible(page, 'price form');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('textbox', { name: 'Destination' })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('textbox', { name: 'Destination' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Destination' }).fill('KE');
  await page.getByRole('button', { name: 'Save' }).click();
  const prices = page.getByRole('table', { name: 'Prices' });
  await expect(prices).toContainText('Kenya (KE)');
  await expect(prices).toContainText('KES 0.80');

  await write(page, '+254700000777', 'What does it cost?');
  await choose(page, 'Provider', 'Sandbox');
  await expect(page.getByTestId('estimate')).toContainText('KES 0.80');
});

test('nothing goes out before its price was shown', async () => {
  const posted: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/messages')) posted.push(request.url());
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/messages/estimate', async (route) => {
    await released;
    await route.continue();
  });
  await write(page, '+254700000778', 'Too fast?');
  await choose(page, 'Provider', 'Sandbox');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  release();
  const dialog = page.getByRole('dialog', { name: 'Send this message?' });
  await expect(dialog).toContainText('To 1 recipient, 1 segment, about KES 0.80, now.');
  await dialog.getByRole('button', { name: 'Not yet' }).click();
  await expect(dialog).toBeHidden();
  expect(posted).toEqual([]);
  await page.unroute('**/api/messages/estimate');

  // Nor a draft.
  await page.getByRole('button', { name: 'Keep as a draft' }).click();
  await expect(page.locator('.state').first()).toHaveText('Draft');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(dialog).toContainText('To 1 recipient, 1 segment, about KES 0.80, now.');
  await settled(page);
  await accessible(page, 'the last question');
  await dialog.getByRole('button', { name: 'Send it' }).click();
  await expect(page.getByTestId('progress')).toHaveText('100%');
});

test('prices from a file', async () => {
  await open(page, '/prices', 'Prices');
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import prices' });
  await choose(page, 'Provider', 'Sandbox', dialog);
  const file = (text: string) => ({ name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await dialog.locator('input[type=file]').setInputFiles(file('destination,price,currency\n+2547,0.75,KES\nnowhere,1,KES\n'));
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Row 3');
  await settled(page);
  await accessible(page, 'price import');
  await picture(page, '13-price-import');
  await dialog.locator('input[type=file]').setInputFiles(file('destination,price,currency\n+2547,0.75,KES\n*,0.02,USD\n'));
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByText('2 prices added.')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Prices' })).toContainText('Everywhere');
});

test('rules decide by which provider a message goes, and the delivery says why', async () => {
  await open(page, '/routing', 'Routing');
  const rule = async (name: string, more: () => Promise<void>) => {
    await page.getByRole('button', { name: 'New rule' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await more();
    await choose(page, 'Among these providers', 'Sandbox');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
  };
  await rule('Kenya', async () => {
    await page.getByRole('dialog').getByLabel('Recipients').pressSequentially('KE,');
  });
  await rule('By night', async () => {
    await page.getByLabel('From', { exact: true }).fill('22:00');
    await page.getByLabel('Until', { exact: true }).fill('06:00');
    await settled(page);
    await accessible(page, 'rule form');
    await picture(page, '13-rule');
  });

  const names = page.getByRole('table', { name: 'Routing rules' }).getByRole('row');
  await expect(names.nth(1)).toContainText('Kenya');
  await page.getByRole('button', { name: 'Move By night up' }).press('Enter');
  await expect(names.nth(1)).toContainText('By night');
  await page.reload();
  await expect(names.nth(1)).toContainText('By night');
  await expect(names.nth(1)).toContainText('22:00');
  await page.getByRole('switch', { name: 'By night is in use' }).press('Space');
  await expect(page.getByRole('switch', { name: 'By night is in use' })).not.toBeChecked();

  await write(page, '+254700000778', 'By which way?');
  await choose(page, 'Provider', /^Automatic/);
  await expect(page.getByTestId('estimate')).toContainText('KES 0.75');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Send it' }).click();
  await expect(page.getByTestId('progress')).toHaveText('100%', { timeout: 60_000 });
  await page.getByRole('table', { name: 'Recipients', exact: true }).getByRole('button').first().click();
  const drawer = page.getByRole('dialog', { name: 'Delivery' });
  await expect(drawer.getByRole('row', { name: /Picked because/ })).toContainText('Kenya');
  await expect(drawer.getByRole('link', { name: 'Sandbox' })).toBeVisible();
});

test('how providers are, and when they raise an alert', async () => {
  await open(page, '/health', 'Provider health');
  await expect(page.getByText('accepted').first()).toBeVisible();
  const card = page.getByTestId('provider').filter({ has: page.getByRole('link', { name: 'Sandbox' }) });
  await card.getByRole('button', { name: 'Alert me' }).click();
  await page.getByRole('textbox', { name: /^When less than this/ }).fill('much');
  await page.getByRole('textbox', { name: /^When a smaller part/ }).fill('80');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('textbox', { name: /^When less than this/ })).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('textbox', { name: /^When less than this/ }).fill('500');
  await settled(page);
  await accessible(page, 'thresholds');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(card).toContainText('less than 80% arrives');
  await expect(card).toContainText('500');
});

test('a webhook endpoint is made, tested, given another secret and switched off', async () => {
  test.setTimeout(240_000);
  const receiver = await startReceiver();
  await open(page, '/webhooks', 'Webhooks');
  await page.getByRole('button', { name: 'New endpoint' }).first().click();
  await page.getByRole('textbox', { name: 'Address' }).fill('ftp://nowhere');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('textbox', { name: 'Address' })).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('textbox', { name: 'Address' }).fill(receiver.url);
  await page.getByRole('textbox', { name: 'Description' }).fill('The shop');
  await page.getByRole('switch', { name: /^Tell it everything/ }).press('Space');
  await page.getByRole('checkbox', { name: /^A message is through/ }).check();
  await page.getByRole('checkbox', { name: /^Somebody wrote/ }).check();
  await settled(page);
  await accessible(page, 'webhook form');
  await picture(page, '14-webhook');
  await page.getByRole('button', { name: 'Save' }).click();
  const secret = page.getByRole('textbox', { name: 'Secret' });
  await expect(secret).toHaveValue(/^whsec_/);
  receiver.setup.secret = await secret.inputValue();
  await settled(page);
  await accessible(page, 'webhook secret');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The shop');

  const answer = page.getByRole('dialog', { name: 'Test' });
  receiver.setup.status = 500;
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(answer).toContainText('did not take it');
  await page.keyboard.press('Escape');
  receiver.setup.status = 200;
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(answer).toContainText('It answered 200');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('table', { name: 'Attempts' })).toContainText('A test');

  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('menuitem', { name: 'Change the secret' }).click();
  await page.getByRole('button', { name: 'Change it' }).click();
  const second = page.getByRole('dialog', { name: 'The new secret' }).getByRole('textbox', { name: 'Secret' });
  await expect(second).toHaveValue(/^whsec_/);
  expect(await second.inputValue()).not.toBe(receiver.setup.secret);
  receiver.setup.secret = await second.inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('two secrets')).toBeVisible();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(answer).toContainText('It answered 200');
  await page.keyboard.press('Escape');
  expect(receiver.told.at(-1)).toMatchObject({ type: 'webhook.test', genuine: true });

  // A new endpoint is told within a minute, so messages go out until it is.
  const here = page.url();
  const told = () => receiver.told.filter(({ type }) => type === 'message.sent').length;
  await expect(async () => {
    await write(page, '+254700000779', 'Is the shop told?');
    await choose(page, 'Provider', 'Sandbox');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('button', { name: 'Send it' }).click();
    await expect(page.getByTestId('progress')).toHaveText('100%', { timeout: 30_000 });
    await expect.poll(told).toBeGreaterThan(0);
  }).toPass({ timeout: 90_000 });
  const before = told();
  await page.goto(here);
  await page.getByRole('button', { name: 'Replay' }).first().click();
  await expect.poll(told).toBeGreaterThan(before);
  expect(receiver.told.every(({ genuine }) => genuine)).toBe(true);

  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('menuitem', { name: 'Switch it off' }).click();
  await expect(page.locator('.state').first()).toHaveText('Inactive');
  receiver.stop();
});

test('whom alerts are mailed to', async () => {
  await open(page, '/alerts', 'Alerts');
  await page.getByRole('link', { name: 'By mail' }).click();
  await expect(page.getByText('the owners get every alert')).toBeVisible();
  await page.getByRole('button', { name: 'Add an address' }).click();
  await page.getByRole('textbox', { name: 'Address 2' }).fill('ops@sunrise.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('the owners get every alert')).toBeHidden();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Address 2' })).toHaveValue('ops@sunrise.example');
});
