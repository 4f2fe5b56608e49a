import { expect, it } from 'vitest';
import { NO_PARAMETERS, blanks, filled, parametersOf, placeholders } from './whatsapp';

const TEMPLATE = {
  header: { type: 'TEXT' as const, text: 'Order {{1}}', url: null },
  body: 'Hello {{1}}, {{2}} is ready, {{ 1 }}.',
  footer: 'Acme Bakery',
  buttons: [
    { type: 'QUICK_REPLY' as const, text: 'Thanks', url: null, phoneNumber: null },
    { type: 'URL' as const, text: 'See it', url: 'https://acme.example/o/{{1}}', phoneNumber: null },
    { type: 'COPY_CODE' as const, text: 'Copy', url: null, phoneNumber: null },
  ],
};

it('finds placeholders once each, in their order', () => {
  expect(placeholders('{{2}} {{ name }} {{2}} {{}} {{a b}}')).toEqual(['2', 'name']);
});

it('says what a message gives for each part', () => {
  expect(blanks(TEMPLATE).map(({ part, index }) => `${part} ${index}`)).toEqual(['header 0', 'body 0', 'body 1', 'buttons 0', 'buttons 1']);
  expect(blanks({ header: { type: 'IMAGE', text: null, url: null }, body: 'Hi', buttons: [] })).toMatchObject([{ part: 'header', label: 'Public address of the image' }]);
});

it('gives as many values as there are blanks', () => {
  expect(parametersOf(blanks(TEMPLATE), { ...NO_PARAMETERS, body: ['Ann'] })).toEqual({ header: [''], body: ['Ann', ''], buttons: ['', ''] });
});

it('reads as it is sent', () => {
  expect(filled(TEMPLATE, { ...NO_PARAMETERS, header: ['1204'], body: ['Ann'] })).toBe('Order 1204\n\nHello Ann, {{2}} is ready, Ann.\n\nAcme Bakery');
});
