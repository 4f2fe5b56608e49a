import { expect, it } from 'vitest';
import { moved } from './order';

const rows = ['a', 'b', 'c'].map((id, index) => ({ id, position: (index + 1) * 10 }));

it('changes the places of those that change them, and of no others', () => {
  expect(moved(rows, 1, 0)).toEqual([
    { id: 'b', position: 10 },
    { id: 'a', position: 20 },
  ]);
  expect(moved(rows, 2, 0).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  expect(moved(rows, 1, 1)).toEqual([]);
});

it('parts rows that stand at one place', () => {
  const same = ['a', 'b'].map((id) => ({ id, position: 10 }));
  expect(moved(same, 1, 0)).toEqual([{ id: 'a', position: 20 }]);
});
