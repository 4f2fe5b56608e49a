// What is written: e-mail, templates, plain characters, double opt-in, WhatsApp, files; with the data that the walk has left.
import { expect, test, type Page } from '@playwright/test';
import { accessible, api, choose, newPage, open, picture, settled, signIn, write } from './kit';

let page: Page;
let wrong: string[];

test.describe.configure({ mode: 'default' });

test.beforeAll(async ({ browser }) => {
  ({ page, wrong } = await newPage(browser));
  await signIn(page);
});

test.afterAll(() => page.context().close());

test.afterEach(() => expect(wrong).toEqual([]));

test('an e-mail, as its reader will see it', async () => {
  await open(page, '/providers', 'Providers');
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
  await open(page, '/templates/new', 'New template');
  await page.getByRole('textbox', { name: 'Text' }).fill('Hello {{name}}, it is {{day}}.');
  await page.getByRole('textbox', { name: 'day' }).fill('Monday');
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('Hello {{name}}, it is Monday.');
  await expect(preview).toContainText('without a value: name');
  await page.getByRole('textbox', { name: 'Text' }).fill('Hello {{');
  await expect(page.getByRole('alert').or(page.locator('.mantine-Alert-root'))).toContainText('{{');
});

test('plain characters in place of curly ones', async () => {
  await write(page, '+254700000780', 'The parents’ evening begins at seven o’clock in the great hall – please bring your child’s books.');
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
  await open(page, '/templates/new', 'New template');
  await page.getByRole('textbox', { name: 'Name' }).fill('Confirm');
  await page.getByRole('textbox', { name: 'Text' }).fill('{{organization}}: answer YES to get our news.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Confirm');
  await open(page, '/groups', 'Groups');
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('News');
  await page.getByRole('switch', { name: /^Ask who joins/ }).press('Space');
  await choose(page, 'Template of the question', 'Confirm', page.getByRole('dialog'));
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

test('a WhatsApp template is recorded and sent', async () => {
  await open(page, '/providers', 'Providers');
  await page.getByRole('button', { name: 'Add Sandbox' }).click();
  const form = page.getByRole('dialog', { name: 'Add Sandbox' });
  await form.getByRole('textbox', { name: 'Name' }).fill('WhatsApp sandbox');
  await choose(page, 'Channel', 'WhatsApp', form);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('WhatsApp sandbox');
  await open(page, '/templates/whatsapp', 'WhatsApp templates');
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
  await choose(page, 'WhatsApp template', /^order_ready/);
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
  await open(page, '/media', 'Files');
  const pdf = { name: 'prices.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') };
  await page.locator('input[type=file]').first().setInputFiles(pdf);
  await expect(page.getByRole('table', { name: 'Files' })).toContainText('prices.pdf');
  await expect(page.getByRole('table', { name: 'Files' })).toContainText('Ready', { timeout: 30_000 });
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${api()}/messages/new`);
  await page.getByText('E-mail', { exact: true }).click();
  await choose(page, 'Files', /^prices\.pdf/);
  await page.keyboard.press('Escape');
  await settled(page);
  await accessible(page, 'compose with a file');
});
