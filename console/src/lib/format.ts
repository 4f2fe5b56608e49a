// Numbers, money and times in the user's locale and the organization's time zone.
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';
import { session } from '../api/session';
import type { Channel, Money } from '../api/schema';

dayjs.extend(utc);
dayjs.extend(timezone);

/** The organization's zone, or the browser's before anyone has signed in. */
export function zone(): string {
  return session()?.organization.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function number(value: number | null | undefined): string {
  return value == null ? '–' : new Intl.NumberFormat().format(value);
}

/** “1 segment”, “2 segments”. */
export function counted(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** A number as people type it, with the point that the API wants. */
export const decimal = (text: string) => text.trim().replace(',', '.');

export function percent(part: number, whole: number): string {
  return new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 }).format(whole ? part / whole : 0);
}

export function money(value: Money | { amount: string | null; currency: string | null } | null | undefined): string {
  if (value?.amount == null) return '–';
  const amount = Number(value.amount);
  if (!value.currency) return number(amount);
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: value.currency,
    maximumFractionDigits: 4,
    minimumFractionDigits: 2,
  }).format(amount);
}

export function dateTime(time: string | null | undefined, timeZone = zone()): string {
  return time ? new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(time)) : '–';
}

export function date(time: string | null | undefined): string {
  return time ? new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: zone() }).format(new Date(time)) : '–';
}

export function time(time: string): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short', timeZone: zone() }).format(new Date(time));
}

/** `22:00` as the locale writes a time of the day. */
export function timeOfDay(clock: string): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`2000-01-01T${clock}:00Z`));
}

function ofDay(date: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** `2026-01-12` as `12 Jan`, whatever the zone. */
export const day = (date: string) => ofDay(date, { day: 'numeric', month: 'short' });

/** `2026-01-12` as `Monday 12 January`. */
export const longDay = (date: string) => ofDay(date, { weekday: 'long', day: 'numeric', month: 'long' });

/** `2026-01-12` as `Mon`. */
export const weekday = (date: string) => ofDay(date, { weekday: 'short' });

/** `2026-01-12` as `January 2026`. */
export const month = (date: string) => ofDay(date, { month: 'long', year: 'numeric' });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 7],
];

/** `3 minutes ago`, `in 2 hours`; a date beyond a week. */
export function relative(time: string | null | undefined, now = Date.now()): string {
  if (!time) return '–';
  let distance = (new Date(time).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  for (const [unit, most] of STEPS) {
    if (Math.abs(distance) < most) return format.format(Math.trunc(distance), unit);
    distance /= most;
  }
  return date(time);
}

/** What a picker holds (`2026-01-12 10:00:00`, on a clock of `timeZone`) as a time of the API. */
export function toInstant(local: string, timeZone = zone()): string {
  return dayjs.tz(local, timeZone).toISOString();
}

/** A time of the API as a picker holds it. */
export function toLocal(time: string, timeZone = zone()): string {
  return dayjs(time).tz(timeZone).format('YYYY-MM-DD HH:mm:ss');
}

/** Now, on a clock of `timeZone`. */
export function localNow(timeZone = zone()): string {
  return toLocal(new Date().toISOString(), timeZone);
}

/** The day of a time in the organization's zone: `2026-01-12`. */
export function dayOf(time: string): string {
  return toLocal(time).slice(0, 10);
}

export function bytes(size: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(size, 1)) / 3));
  return new Intl.NumberFormat(undefined, { style: 'unit', unit: units[step], maximumFractionDigits: 1 }).format(size / 1000 ** step);
}

/** A sentence that begins as sentences do. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `PROVIDER_BALANCE` → `Provider balance`. */
export function words(code: string | null | undefined): string {
  return capital((code ?? '').replaceAll('_', ' ').toLowerCase());
}

/** `/settings/branding/logoUrl` → `Logo url`, for fields that have no other name. */
export function fieldName(pointer: string): string {
  return words((pointer.split('/').at(-1) ?? '').replace(/[A-Z]/g, '_$&'));
}

export const CHANNELS: Record<Channel, string> = { SMS: 'SMS', WHATSAPP: 'WhatsApp', EMAIL: 'E-mail' };

/** For fields that choose one. */
export const CHANNEL_OPTIONS = Object.entries(CHANNELS).map(([value, label]) => ({ value, label }));

/** For fields that choose among codes of the API. */
export function options(codes: readonly string[]) {
  return codes.map((value) => ({ value, label: words(value) }));
}
