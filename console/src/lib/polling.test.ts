import { expect, it } from 'vitest';
import { backingOff } from './polling';

it('looks ever more seldom while nothing changes, and soon again when it does', () => {
  const next = backingOff<{ done: number }>(({ done }) => done < 10, ({ done }) => done);
  const at = (done: number) => next({ state: { data: { done } } });
  const [first, second, third] = [at(1), at(1), at(1)] as [number, number, number];
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(second);
  expect(at(2)).toBe(first);
  for (let count = 0; count < 30; count += 1) expect(at(2)).toBeLessThanOrEqual(8000);
  expect(at(10)).toBe(false);
});
