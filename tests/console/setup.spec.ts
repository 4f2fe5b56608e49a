// What an administrator sets up: prices, routing, provider health, webhook endpoints, e-mail; with the data that the walk has left.
import { expect, test, type Locator, type Page } from '@playwright/test';
import { accessible, api, newPage, picture, settled, signIn } from './kit';
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

async function open(path: string, heading: string) {
  await page.goto(api() + path);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
}

async function choose(name: string, option: string | RegExp, within: Page | Locator = page) {
  await within.getByRole('combobox', { name }).click();
  await page.getByRole('option', { name: option }).first().click();
}

async function write(to: string, text: string) {
  // What a test before has begun is not gone on with.
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${api()}/messages/new`);
  await page.getByRole('combobox', { name: 'To' }).fill(to);
  await page.getByRole('option', { name: to }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Text' }).fill(text);
}

test('a price, and what an estimate makes of it', async () => {
  await open('/prices', 'Prices');
  await page.getByRole('button', { name: 'New price' }).first().click();
  await choose('Provider', 'Sandbox', page.getByRole('dialog'));
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

  await write('+254700000777', 'What does it cost?');
  await choose('Provider', 'Sandbox');
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
  await write('+254700000778', 'Too fast?');
  await choose('Provider', 'Sandbox');
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
  await open('/prices', 'Prices');
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import prices' });
  await choose('Provider', 'Sandbox', dialog);
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
  await open('/routing', 'Routing');
  const rule = async (name: string, more: () => Promise<void>) => {
    await page.getByRole('button', { name: 'New rule' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await more();
    await choose('Among these providers', 'Sandbox');
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

  await write('+254700000778', 'By which way?');
  await choose('Provider', /^Automatic/);
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
  await open('/health', 'Provider health');
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
  await open('/webhooks', 'Webhooks');
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
    await write('+254700000779', 'Is the shop told?');
    await choose('Provider', 'Sandbox');
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

test('an e-mail, as its reader will see it', async () => {
  await open('/providers', 'Providers');
  await page.getByRole('button', { name: 'Add Mailjet' }).click();
  const form = page.getByRole('dialog', { name: 'Add Mailjet' });
  await form.getByRole('textbox', { name: 'API key' }).fill('public-key-1');
  await form.getByRole('textbox', { name: 'Secret key' }).fill('secret-key-1');
  await form.getByRole('textbox', { name: 'Sender' }).fill('Sunrise School <hello@sunrise.example>');
  await form.getByRole('textbox', { name: 'Logo' }).fill('logo.png');
  await form.getByRole('textbox', { name: 'Answers go to' }).fill('office@sunrise.example');
  await form.getByRole('textbox', { name: 'Footer' }).fill('You are a parent of ours.');
  await form.getByRole('textbox', { name: 'Your address by post' }).fill('P.O. Box 1, Nairobi');
  await settled(page);
  await accessible(page, 'mail provider form');
  await picture(page, '15-mail-provider');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('textbox', { name: 'Logo' })).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByRole('textbox', { name: 'Logo' })).toBeFocused();
  await form.getByRole('textbox', { name: 'Logo' }).fill('');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Mailjet');
  await page.getByRole('button', { name: 'Edit' }).click();
  const change = page.getByRole('dialog', { name: 'Change Mailjet' });
  await expect(change.getByRole('textbox', { name: 'Footer' })).toHaveValue('You are a parent of ours.');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(change).toBeHidden();

  await page.goto(`${api()}/messages/new`);
  await page.getByText('E-mail', { exact: true }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('parent@example.org');
  await page.getByRole('option', { name: 'parent@example.org' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Subject' }).fill('School opens on Monday');
  await page.getByRole('textbox', { name: 'Text' }).fill('<h2>Welcome back</h2><p onclick="alert(1)">We open at <b>eight</b>.</p><script>alert(2)</script>');
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('School opens on Monday');
  await expect(preview).toContainText('office@sunrise.example');
  const mail = page.frameLocator('iframe.mail');
  await expect(mail.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await expect(mail.getByText('P.O. Box 1, Nairobi')).toBeVisible();
  await expect(mail.locator('script, [onclick]')).toHaveCount(0);
  await settled(page);
  await accessible(page, 'compose e-mail');
  await picture(page, '15-mail');
});

test('a template is read before it is saved', async () => {
  await open('/templates/new', 'New template');
  await page.getByRole('textbox', { name: 'Text' }).fill('Hello {{name}}, it is {{day}}.');
  await page.getByRole('textbox', { name: 'day' }).fill('Monday');
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('Hello {{name}}, it is Monday.');
  await expect(preview).toContainText('without a value: name');
  await page.getByRole('textbox', { name: 'Text' }).fill('Hello {{');
  await expect(page.getByRole('alert').or(page.locator('.mantine-Alert-root'))).toContainText('{{');
});

test('plain characters in place of curly ones', async () => {
  await write('+254700000780', 'The parents’ evening begins at seven o’clock in the great hall – please bring your child’s books.');
  const estimate = page.getByTestId('estimate');
  await expect(estimate).toContainText('Plain characters would do: – → -, ’ → \'');
  await estimate.getByRole('button', { name: 'Replace them' }).click();
  await expect(estimate).toContainText('Plain characters go out');
  await expect(page.getByTestId('preview')).toContainText("child's books");
  await settled(page);
  await accessible(page, 'plain characters');
  await picture(page, '16-smart');
});

test('a group whose members confirm', async () => {
  await open('/templates/new', 'New template');
  await page.getByRole('textbox', { name: 'Name' }).fill('Confirm');
  await page.getByRole('textbox', { name: 'Text' }).fill('{{organization}}: answer YES to get our news.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Confirm');
  await open('/groups', 'Groups');
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('News');
  await page.getByRole('switch', { name: /^Ask who joins/ }).press('Space');
  await choose('Template of the question', 'Confirm', page.getByRole('dialog'));
  await settled(page);
  await accessible(page, 'group form');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('News');
  await page.getByRole('button', { name: 'Add contacts' }).click();
  await page.getByRole('menuitem', { name: 'A new one' }).click();
  await page.getByRole('textbox', { name: 'Phone' }).fill('0700 000 781');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('1 has not confirmed yet')).toBeVisible();
  await settled(page);
  await accessible(page, 'pending members');
  await picture(page, '17-pending');
});

test('whom alerts are mailed to', async () => {
  await open('/alerts', 'Alerts');
  await page.getByRole('link', { name: 'By mail' }).click();
  await expect(page.getByText('the owners get every alert')).toBeVisible();
  await page.getByRole('button', { name: 'Add an address' }).click();
  await page.getByRole('textbox', { name: 'Address 2' }).fill('ops@sunrise.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('the owners get every alert')).toBeHidden();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Address 2' })).toHaveValue('ops@sunrise.example');
});

test('a WhatsApp template is recorded and sent', async () => {
  await open('/providers', 'Providers');
  await page.getByRole('button', { name: 'Add Sandbox' }).click();
  const form = page.getByRole('dialog', { name: 'Add Sandbox' });
  await form.getByRole('textbox', { name: 'Name' }).fill('WhatsApp sandbox');
  await choose('Channel', 'WhatsApp', form);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('WhatsApp sandbox');
  await open('/templates/whatsapp', 'WhatsApp templates');
  await page.getByRole('button', { name: 'New template' }).click();
  const dialog = page.getByRole('dialog', { name: 'New WhatsApp template' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('order_ready');
  await dialog.getByRole('textbox', { name: 'Text' }).fill('Hello {{1}}, {{2}} is ready.');
  await dialog.getByRole('switch', { name: /^Hand it in/ }).press('Space');
  await settled(page);
  await accessible(page, 'WhatsApp template form');
  await picture(page, '18-whatsapp-template');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('table', { name: 'WhatsApp templates' })).toContainText('Approved');

  await page.goto(`${api()}/messages/new`);
  await page.getByText('WhatsApp', { exact: true }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('+254700000790');
  await page.getByRole('option', { name: '+254700000790' }).click();
  await page.keyboard.press('Escape');
  await choose('WhatsApp template', /^order_ready/);
  await page.getByRole('textbox', { name: '{{1}}' }).fill('Ann');
  await page.getByRole('textbox', { name: '{{2}}' }).fill('your bread');
  await expect(page.getByTestId('preview')).toContainText('Hello Ann, your bread is ready.');
  await settled(page);
  await accessible(page, 'compose WhatsApp');
  await picture(page, '18-whatsapp');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Send it' }).click();
  await expect(page.getByTestId('progress')).toHaveText('100%', { timeout: 60_000 });
});

test('a file goes with an e-mail', async () => {
  await open('/media', 'Files');
  const pdf = { name: 'prices.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') };
  await page.locator('input[type=file]').first().setInputFiles(pdf);
  await expect(page.getByRole('table', { name: 'Files' })).toContainText('prices.pdf');
  await expect(page.getByRole('table', { name: 'Files' })).toContainText('Ready', { timeout: 30_000 });
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${api()}/messages/new`);
  await page.getByText('E-mail', { exact: true }).click();
  await choose('Files', /^prices\.pdf/);
  await page.keyboard.press('Escape');
  await settled(page);
  await accessible(page, 'compose with a file');
});
