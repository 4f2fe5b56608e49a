// Copies a day by outcome. The days without any are there too.
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Box, Table, VisuallyHidden } from '@mantine/core';
import dayjs from 'dayjs';
import type { DayTotals } from '../api/schema';
import { day, number } from '../lib/format';

/** Sent, delivered and failed are told apart by order and legend as well as by colour. */
const SERIES = [
  { name: 'delivered', label: 'Delivered', color: 'teal.6' },
  { name: 'underway', label: 'No receipt yet', color: 'blue.4' },
  { name: 'failed', label: 'Failed', color: 'red.6' },
];

export default function DayChart({ from, to, days }: { from: string; to: string; days: DayTotals[] }) {
  const known = new Map(days.map((one) => [one.date, one]));
  const data = [];
  for (let date = from; date <= to; date = dayjs(date).add(1, 'day').format('YYYY-MM-DD')) {
    const one = known.get(date);
    data.push({
      date: day(date),
      delivered: one?.delivered ?? 0,
      underway: Math.max(0, (one?.sent ?? 0) - (one?.delivered ?? 0)),
      failed: one?.failed ?? 0,
    });
  }
  return (
    <Box>
      <div aria-hidden>
        <BarChart
          h={250}
          data={data}
          dataKey="date"
          type="stacked"
          series={SERIES}
          withLegend
          legendProps={{ verticalAlign: 'bottom' }}
          gridAxis="x"
          tickLine="none"
          valueFormatter={number}
          xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 40 }}
          barProps={{ isAnimationActive: false }}
          barChartProps={{ accessibilityLayer: false }}
        />
      </div>
      <VisuallyHidden>
        <Table>
          <caption>Copies a day</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Day</Table.Th>
              {SERIES.map(({ name, label }) => (
                <Table.Th key={name}>{label}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data
              .filter((one) => one.delivered + one.underway + one.failed > 0)
              .map((one) => (
                <Table.Tr key={one.date}>
                  <Table.Td>{one.date}</Table.Td>
                  <Table.Td>{number(one.delivered)}</Table.Td>
                  <Table.Td>{number(one.underway)}</Table.Td>
                  <Table.Td>{number(one.failed)}</Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </Box>
  );
}
