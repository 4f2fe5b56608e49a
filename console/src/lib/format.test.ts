import { describe, expect, it, vi } from 'vitest';

vi.mock('../api/session', () => ({ session: () => ({ organization: { timezone: 'Africa/Nairobi' } }) }));
const { fieldName, relative, toInstant, toLocal, words } = await import('./format');

describe('times', () => {
  it('are the organization’s, not the browser’s', () => {
    expect(toInstant('2026-01-12 10:00:00')).toBe('2026-01-12T07:00:00.000Z');
    expect(toLocal('2026-01-12T22:30:00Z')).toBe('2026-01-13 01:30:00');
  });

  it('follow a zone that changes its clocks', () => {
    expect(toInstant('2026-03-28 10:00:00', 'Europe/Berlin')).toBe('2026-03-28T09:00:00.000Z');
    expect(toInstant('2026-03-30 10:00:00', 'Europe/Berlin')).toBe('2026-03-30T08:00:00.000Z');
  });

  it('are near or far', () => {
    const now = Date.parse('2026-01-12T10:00:00Z');
    expect(relative('2026-01-12T09:57:00Z', now)).toBe('3 minutes ago');
    expect(relative('2026-01-12T12:00:00Z', now)).toBe('in 2 hours');
  });
});

describe('words', () => {
  it('read like words', () => expect(words('PROVIDER_BALANCE')).toBe('Provider balance'));

  it('name a field of which only the place is known', () => expect(fieldName('/settings/branding/logoUrl')).toBe('Logo url'));
});
