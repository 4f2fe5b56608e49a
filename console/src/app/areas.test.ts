import { expect, it } from 'vitest';
import { active } from './areas';

it('finds the area of an address', () => {
  expect(active('/')).toBe('/');
  expect(active('/contacts/con_1')).toBe('/contacts');
  expect(active('/messages/new')).toBe('/messages');
  expect(active('/messages/calendar')).toBe('/messages/calendar');
  expect(active('/settings/users')).toBe('/settings/$section');
  expect(active('/nowhere')).toBeUndefined();
});
