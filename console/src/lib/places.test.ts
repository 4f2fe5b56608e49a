import { expect, it } from 'vitest';
import { currencies, destinationName } from './places';

it('says destinations in words', () => {
  expect(destinationName('*')).toBe('Everywhere');
  expect(destinationName('KE')).toBe('Kenya (KE)');
  expect(destinationName('+2547')).toBe('+2547');
});

it('knows currencies by code and name', () => {
  expect(currencies()).toContainEqual({ value: 'KES', label: 'KES · Kenyan Shilling' });
});
