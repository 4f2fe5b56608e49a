// The replacement agrees with the server's on the table that both are tested with.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { smart } from './smart';

interface Case {
  name: string;
  text: string;
  smart: string | null;
}

const table = new URL('../../../shared/domain/cases/smart.json', import.meta.url);
const cases = JSON.parse(readFileSync(table, 'utf8')) as Case[];

describe('smart', () => {
  it.each(cases)('$name', ({ text, smart: expected }) => expect(smart(text)).toBe(expected));
});
