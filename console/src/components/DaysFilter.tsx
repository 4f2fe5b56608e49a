// Some days of a list.
import { DatePickerInput } from '@mantine/dates';
import dayjs from 'dayjs';
import { toInstant } from '../lib/format';

interface Days {
  from?: string;
  to?: string;
}

/** From one day to another, which counts too. */
export function DaysFilter({ from, to, onChange }: Days & { onChange: (days: { from: string | undefined; to: string | undefined }) => void }) {
  return (
    <DatePickerInput
      type="range"
      aria-label="Days"
      placeholder="Any day"
      valueFormat="D MMM"
      allowSingleDateInRange
      clearable
      w={190}
      value={[from ?? null, to ?? null]}
      onChange={([first, last]) => onChange({ from: first ?? undefined, to: last ?? undefined })}
    />
  );
}

/** Days of the organization as the API takes them: from the beginning of the first to the end of the last. */
export function period({ from, to }: Days): Days {
  return {
    from: from && toInstant(`${from} 00:00:00`),
    to: to && toInstant(`${dayjs(to).add(1, 'day').format('YYYY-MM-DD')} 00:00:00`),
  };
}
