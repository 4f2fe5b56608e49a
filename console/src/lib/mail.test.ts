import { expect, it } from 'vitest';
import { readMail, writeMail } from './mail';

const SETTINGS = { region: 'EU', replyTo: 'help@acme.example', unsubscribeLink: false, branding: { color: '#1d4ed8', footer: 'Acme' } };

it('parts what every e-mail provider has from what its kind has', () => {
  const { mail, rest } = readMail(SETTINGS);
  expect(rest).toEqual({ region: 'EU' });
  expect(mail).toMatchObject({ replyTo: 'help@acme.example', unsubscribeLink: false, color: '#1d4ed8', footer: 'Acme', logoUrl: '', trackingDomain: '' });
});

it('stores what it has read, and nothing that is empty', () => {
  const { mail, rest } = readMail(SETTINGS);
  expect(writeMail(mail, rest)).toEqual(SETTINGS);
  expect(writeMail({ ...mail, replyTo: '', color: '', footer: '' }, rest)).toEqual({ region: 'EU', unsubscribeLink: false });
});

it('sends a link to unsubscribe where nothing is said', () => {
  expect(readMail({}).mail.unsubscribeLink).toBe(true);
});
