import { expect, it } from 'vitest';
import { columnLetter, rolesOf, toColumns } from './columns';

const columns = {
  headerRow: 1,
  name: [0, 1],
  phone: 2,
  email: null,
  tags: null,
  timezone: null,
  attributes: { City: 3 },
  headings: ['First', 'Last', 'Mobile', 'City', ''],
};

it('are read column by column, and told the API as they were', () => {
  const roles = rolesOf(columns);
  expect(roles.map(({ role }) => role)).toEqual(['name', 'name', 'phone', 'attribute', 'none']);
  expect(roles[4]?.key).toBe('Column E');
  expect(toColumns(roles)).toEqual({ name: [0, 1], phone: 2, email: null, tags: null, timezone: null, attributes: { City: 3 } });
});

it('can be chosen', () => {
  const roles = rolesOf(columns);
  roles[1] = { role: 'attribute', key: ' Family ' };
  roles[3] = { role: 'none', key: 'City' };
  expect(toColumns(roles)).toMatchObject({ name: [0], attributes: { Family: 1 } });
});

it('are lettered as in a spreadsheet', () => expect([0, 25, 26, 701, 702].map(columnLetter)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']));
