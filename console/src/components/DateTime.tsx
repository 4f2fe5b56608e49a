// The picker of a day and a time, in a file of its own so that it is loaded when someone sends later.
import { DateTimePicker, type DateTimePickerProps } from '@mantine/dates';

export default function DateTime(props: DateTimePickerProps) {
  return <DateTimePicker valueFormat="D MMM YYYY, HH:mm" clearable highlightToday {...props} />;
}
