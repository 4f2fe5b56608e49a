import dayjs from 'dayjs';
import { expect, test } from 'vitest';
import { calendarSettings } from './dates';

test('calendars speak the language of their user', async () => {
  expect(await calendarSettings('de-AT')).toEqual({ locale: 'de-at', firstDayOfWeek: 1 });
  expect(await calendarSettings('sw-KE')).toEqual({ locale: 'sw', firstDayOfWeek: 1 });
  expect(dayjs('2026-10-01').locale('sw').format('MMMM')).toBe('Oktoba');
  expect((await calendarSettings('en-US')).firstDayOfWeek).toBe(0);
  expect(await calendarSettings('xx')).toEqual({ locale: 'en', firstDayOfWeek: 0 });
});
