// The walk of a first user, from registration to the resend of what failed.
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { addGateway, startGateway } from './gateway';
import { accessible, api, OWNER, picture, SAMPLE, settled, watch } from './kit';

/** Drops a file on the page as a person does who drags it there. */
async function drop(page: Page, target: string, path: string, name: string) {
  const content = readFileSync(path).toString('base64');
  const transfer = await page.evaluateHandle(
    ([content, name]) => {
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [content, name] as const,
  );
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(target, event, { dataTransfer: transfer });
}

async function progress(page: Page) {
  await expect(page.getByTestId('progress')).toHaveText('100%', { timeout: 60_000 });
}

test('from nothing to a message, and what comes after', async ({ page, request }) => {
  test.setTimeout(240_000);
  const wrong = watch(page);

  await test.step('register', async () => {
    await page.goto(api());
    await expect(page).toHaveURL(/sign-in/);
    await page.getByRole('link', { name: 'Register your organization' }).click();
    await page.getByLabel('Organization').fill(OWNER.organization);
    await page.getByLabel('Your name').fill(OWNER.name);
    await page.getByLabel('E-mail address').fill(OWNER.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('12345678');
    await page.getByRole('combobox', { name: 'Country' }).fill('Kenya');
    await page.getByRole('option', { name: 'Kenya (KE)' }).click();
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Nairobi');
    await page.getByRole('option', { name: 'Africa/Nairobi' }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill(OWNER.password);
    await page.getByRole('button', { name: 'Register' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Amina');
    await settled(page);
    await picture(page, '01-first-run');
  });

  await test.step('the session outlives a reload, and no script can read its secret', async () => {
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Amina');
    expect(await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toMatch(/rt_|eyJ/);
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ name: 'dundun_session', httpOnly: true, sameSite: 'Strict', path: '/api/auth' }]);
  });

  await test.step('the sandbox', async () => {
    await page.getByRole('button', { name: 'Use the sandbox', exact: true }).click();
    await expect(page.getByRole('link', { name: 'Sandbox', exact: true })).toBeVisible();
  });

  await test.step('drag in the sample spreadsheet', async () => {
    await page.getByRole('link', { name: 'Import contacts' }).click();
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByLabel('Name').fill('Parents');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('combobox', { name: 'Into the group' })).toHaveValue('Parents');
    await picture(page, '02-import');
    await drop(page, '.drop', SAMPLE, 'contacts.xlsx');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('contacts.xlsx');
    await expect(page.getByRole('button', { name: 'Import 190 contacts' })).toBeVisible({ timeout: 30_000 });
  });

  await test.step('choose what a column holds', async () => {
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'What the columns hold' });
    await dialog.getByRole('textbox', { name: /^Attribute in column/ }).first().fill('Town');
    await settled(page);
    await accessible(page, 'columns of an import');
    await picture(page, '03-import-columns');
    await dialog.getByRole('button', { name: 'Read it so' }).click();
    await expect(page.getByRole('group', { name: 'Recognised columns' })).toContainText('Town', { timeout: 30_000 });
    await expect(page.getByRole('table', { name: 'Rows of the file' })).toContainText('Town:');
    await expect(page.getByRole('button', { name: 'Import 190 contacts' })).toBeVisible();
  });

  await test.step('fix a row', async () => {
    await page.getByText('Invalid (4)').click();
    await settled(page);
    await picture(page, '03-import-preview');
    await page.getByRole('button', { name: /^Fix row/ }).first().click();
    const number = page.getByRole('textbox', { name: /^Number in row/ });
    await expect(number).toBeFocused();
    await number.fill('nonsense');
    await number.press('Enter');
    await expect(page.locator('[role=alert], .mantine-InputWrapper-error').first()).toBeVisible();
    await number.fill('0700 000 999');
    await number.press('Enter');
    await expect(page.getByRole('button', { name: 'Import 191 contacts' })).toBeVisible();
    const rejected = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Rejected rows' }).click();
    expect((await rejected).suggestedFilename()).toMatch(/^rejected-.*\.xlsx$/);
  });

  await test.step('confirm', async () => {
    await page.getByRole('button', { name: 'Import 191 contacts' }).click();
    await expect(page.getByText('191 contacts are new')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('compose with a variable', async () => {
    await page.getByRole('link', { name: 'Send them a message' }).click();
    await expect(page.getByText('Parents (191)')).toBeVisible();
    const text = page.getByRole('textbox', { name: 'Text' });
    await text.pressSequentially('Hello {{na');
    await expect(page.getByRole('option', { name: '{{name}}' })).toBeVisible();
    await text.press('Enter');
    await expect(text).toHaveValue('Hello {{name}}');
    await text.press('End');
    await text.pressSequentially(', school opens at eight on Monday.');
    await expect(page.getByTestId('counter')).toContainText('1 segment');
    await text.press('End');
    await text.pressSequentially('’');
    await expect(page.getByText('beyond the plain alphabet').first()).toBeVisible();
    await text.press('Backspace');
  });

  await test.step('the estimate, and what each would read', async () => {
    await expect(page.getByTestId('estimate')).toContainText('191');
    const preview = page.getByTestId('preview');
    for (const press of ['The next one', 'The next one', 'The one before']) {
      await page.getByRole('button', { name: press }).click();
      const name = /As (.*) reads it/.exec(await preview.innerText())?.[1];
      await expect(preview).toContainText(`Hello ${name}, school opens at eight`);
    }
    await settled(page);
    await picture(page, '04-compose');
  });

  await test.step('a half-written message outlives a reload', async () => {
    await page.reload();
    await expect(page.getByRole('textbox', { name: 'Text' })).toHaveValue('Hello {{name}}, school opens at eight on Monday.');
    await expect(page.getByTestId('estimate')).toContainText('191');
  });

  await test.step('and a lost session', async () => {
    await page.context().clearCookies();
    await page.reload();
    await expect(page).toHaveURL(/sign-in/);
    await page.getByLabel('E-mail address').fill(OWNER.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('textbox', { name: 'Text' })).toHaveValue('Hello {{name}}, school opens at eight on Monday.');
    await expect(page.getByTestId('estimate')).toContainText('191');
  });

  await test.step('send, with live progress to the end', async () => {
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.getByRole('dialog')).toContainText('To 191 recipients');
    await page.getByRole('button', { name: 'Send it' }).click();
    await expect(page.getByText('It is on its way.')).toBeVisible();
    await progress(page);
    await expect(page.getByRole('table', { name: 'Recipients by status' })).toContainText('Delivered', { timeout: 30_000 });
    await settled(page);
    await picture(page, '05-message');
  });

  await test.step('the status of one recipient', async () => {
    await page.getByRole('table', { name: 'Recipients', exact: true }).getByRole('button').first().click();
    const drawer = page.getByRole('dialog', { name: 'Delivery' });
    await expect(drawer).toContainText('school opens at eight');
    await expect(drawer).toContainText('Delivered');
    await picture(page, '06-delivery');
    await page.keyboard.press('Escape');
    await expect(drawer).toBeHidden();
  });

  await test.step('schedule, edit, cancel', async () => {
    await page.getByRole('link', { name: 'Messages', exact: true }).first().click();
    await page.getByRole('link', { name: 'New message' }).click();
    await page.getByRole('combobox', { name: 'To' }).fill('Par');
    await page.getByRole('option', { name: /^Parents/ }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Text' }).fill('The term ends on Friday.');
    await page.getByText('Later', { exact: true }).click();
    await page.getByRole('button', { name: 'Day and time' }).click();
    await page.getByRole('button', { name: 'Next month' }).or(page.locator('[data-direction=next]')).first().click();
    await page.locator('table button:not([data-outside])').getByText('15', { exact: true }).click();
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('estimate')).toContainText('191');
    await picture(page, '07-schedule');
    await page.getByRole('button', { name: 'Schedule', exact: true }).click();
    await page.getByRole('button', { name: 'Schedule it' }).click();
    await expect(page.getByText(/^Goes out/)).toBeVisible();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Text' }).fill('The term ends on Thursday.');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('The term ends on Thursday.').first()).toBeVisible();
    await page.getByRole('link', { name: 'Calendar' }).click();
    await page.getByRole('button', { name: 'Month after' }).click();
    await expect(page.locator('.calendar-day').getByRole('link')).toBeVisible();
    await settled(page);
    await picture(page, '08-calendar');
    await page.locator('.calendar-day').getByRole('link').click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the message' }).click();
    await expect(page.locator('.state').first()).toHaveText('Cancelled');
  });

  await test.step('resend what failed', async () => {
    await page.goto(`${api()}/messages/new`);
    // A number that the sandbox refuses.
    await page.getByRole('combobox', { name: 'To' }).fill('+254700999001');
    await page.getByRole('option', { name: '+254700999001' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Text' }).fill('Are you there?');
    await expect(page.getByTestId('estimate')).toContainText('Recipients');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('button', { name: 'Send it' }).click();
    await progress(page);
    await page.getByRole('button', { name: 'Resend 1 failed' }).click();
    await expect(page.getByText('What failed is sent again.')).toBeVisible();
    await expect(async () => {
      await page.getByRole('table', { name: 'Recipients', exact: true }).getByRole('button').first().click();
      const drawer = page.getByRole('dialog', { name: 'Delivery' });
      const attempts = await drawer.locator('.mantine-Timeline-item').count();
      await page.keyboard.press('Escape');
      await expect(drawer).toBeHidden();
      expect(attempts).toBe(2);
    }).toPass({ timeout: 30_000 });
  });

  await test.step('decide about what nobody knows', async () => {
    await page.goto(`${api()}/messages/new`);
    await page.getByRole('combobox', { name: 'To' }).fill('+254700999009');
    await page.getByRole('option', { name: '+254700999009' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Text' }).fill('Did this arrive?');
    await expect(page.getByTestId('estimate')).toContainText('Recipients');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('button', { name: 'Send it' }).click();
    await expect(page.getByText('Nobody knows about 1')).toBeVisible({ timeout: 40_000 });
    await picture(page, '09-unknown');
    await page.getByRole('button', { name: 'Decide about all of them' }).click();
    await page.getByRole('menuitem', { name: 'They were sent' }).click();
    await expect(page.getByText('Nobody knows about 1')).toBeHidden();
    await expect(page.locator('.state').first()).toHaveText('Sent');
  });

  await test.step('what somebody writes, and the answer', async () => {
    const gateway = await startGateway();
    const provider = await addGateway(request, gateway.url);
    const write = (id: string, text: string) => provider.tell({ id, from: '+254700000999', to: '22141', text });
    await write('1', 'When does school open?');
    await page.getByRole('link', { name: 'Conversations' }).click();
    await expect(page.getByRole('table', { name: 'Conversations' })).toContainText('Waits for an answer');
    await page.getByRole('table', { name: 'Conversations' }).getByRole('link').click();
    const log = page.getByRole('log');
    await expect(log).toContainText('When does school open?');
    await expect(log).toBeFocused();
    const answer = page.getByRole('textbox', { name: 'Your answer' });
    await answer.fill('At eight, as');
    // Half an answer outlives another page as well.
    await page.getByRole('link', { name: 'Groups' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Groups');
    await page.goBack();
    await expect(answer).toHaveValue('At eight, as');
    await answer.press('End');
    await answer.pressSequentially(' always.');
    await answer.press('Control+Enter');
    await expect(answer).toHaveValue('');
    await expect(log).toContainText('At eight, as always.');
    await expect(log.getByRole('button', { name: /^Delivery of/ }).last()).toHaveText('Sent', { timeout: 30_000 });
    expect(gateway.texts).toEqual([{ to: '+254700000999', text: 'At eight, as always.' }]);
    await settled(page);
    await picture(page, '10-conversation');

    await write('2', 'STOP');
    await expect(log).toContainText('Opted out', { timeout: 20_000 });
    await answer.fill('Sorry to see you go.');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('They opted out');
    await expect(answer).toHaveValue('Sorry to see you go.');
    await page.getByRole('alert').getByRole('link', { name: 'The list' }).click();
    await expect(page.getByRole('table', { name: 'Suppressions' })).toContainText('+254700000999');

    await page.goBack();
    await page.getByRole('link', { name: 'Contact', exact: true }).click();
    await expect(page.getByRole('link', { name: 'Conversation', exact: true })).toBeVisible();
    gateway.stop();
  });

  await test.step('dark', async () => {
    await page.getByRole('link', { name: 'Dundun, dashboard' }).click();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await settled(page);
    await picture(page, '11-dashboard-dark');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Light' }).click();
  });

  await test.step('on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: 'Navigation', exact: true }).click();
    await page.getByRole('link', { name: 'Contacts' }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Contacts');
    await settled(page);
    await picture(page, '12-contacts-phone');
    await page.setViewportSize({ width: 1360, height: 900 });
  });

  await test.step('sign out', async () => {
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/sign-in/);
    expect(await page.context().cookies()).toEqual([]);
  });

  expect(wrong).toEqual([]);
});
