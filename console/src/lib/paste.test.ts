import { expect, it } from 'vitest';
import { parseLines } from './paste';

it('reads what a spreadsheet copies, in any order of columns', () => {
  expect(parseLines('Amina Otieno\t0700 000 001\n\n+254 (700) 000-002; Juma\nZoe, zoe@example.org, 0700000003')).toEqual([
    { name: 'Amina Otieno', phone: '0700 000 001', email: null },
    { name: 'Juma', phone: '+254 (700) 000-002', email: null },
    { name: 'Zoe', phone: '0700000003', email: 'zoe@example.org' },
  ]);
});

it('leaves what is no number to the server', () => {
  expect(parseLines('Amina, none')).toEqual([{ name: 'Amina', phone: 'none', email: null }]);
});
