// The names of months and days in calendars, and the day on which a week begins.
import dayjs from 'dayjs';

const LOCALES = import.meta.glob('/node_modules/dayjs/locale/*.js');

/** Loads the words of the user's language, and gives what calendars are set to. */
export async function calendarSettings(language: string) {
  const tags = [language.toLowerCase(), language.toLowerCase().split('-')[0]!];
  const names = tags.map((tag) => [tag, LOCALES[`/node_modules/dayjs/locale/${tag}.js`]] as const);
  const [locale, load] = names.find(([, load]) => load) ?? ['en'];
  await load?.();
  const words = (dayjs.Ls as Record<string, { weekStart?: number } | undefined>)[locale];
  return { locale, firstDayOfWeek: (words?.weekStart ?? 0) as 0 | 1 | 2 | 3 | 4 | 5 | 6 };
}
