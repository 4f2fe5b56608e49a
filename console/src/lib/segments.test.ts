// The counter agrees with the server's on the table that both are tested with.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { beyondGsm, segments } from './segments';

interface Case {
  name: string;
  text?: string;
  repeat?: [string, number][];
  encoding: string;
  characters: number;
  units: number;
  segments: number;
  unitsPerSegment: number;
}

const table = new URL('../../../shared/domain/cases/segments.json', import.meta.url);
const cases = JSON.parse(readFileSync(table, 'utf8')) as Case[];

describe('segments', () => {
  it.each(cases)('$name', ({ name: _name, text, repeat, ...expected }) => {
    const whole = text ?? (repeat ?? []).map(([part, times]) => part.repeat(times)).join('');
    expect(segments(whole)).toEqual(expected);
  });

  it('names what needs the wider encoding', () => {
    expect(beyondGsm('“Hi” ç hi ç')).toEqual(['“', '”', 'ç']);
    expect(beyondGsm('Hello {{name}} €')).toEqual([]);
  });
});
