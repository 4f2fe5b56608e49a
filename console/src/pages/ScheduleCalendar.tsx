// The month of scheduled messages, and the list of those to come.
import { ActionIcon, Box, Button, Card, Group, SimpleGrid, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { getMonthDays } from '@mantine/dates';
import { IconCalendarPlus, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import dayjs from 'dayjs';
import { useState } from 'react';
import { api } from '../api/client';
import { useMay } from '../app/useSession';
import { AnchorLink, ButtonLink } from '../components/links';
import { MessageTable } from '../components/MessageTable';
import { Page } from '../components/Page';
import { Section } from '../components/Section';
import { Empty, Shown } from '../components/states';
import { dateTime, dayOf, localNow, month as monthName, toLocal, weekday } from '../lib/format';

export default function ScheduleCalendar() {
  const may = useMay('MEMBER');
  const today = localNow().slice(0, 10);
  const [month, setMonth] = useState(today.slice(0, 7));
  const query = api.useQuery('get', '/api/messages', { params: { query: { status: 'SCHEDULED', limit: 100 } } }, { refetchInterval: 30_000 });
  const weeks = getMonthDays({ month: `${month}-01`, firstDayOfWeek: 1, consistentWeeks: false });
  const move = (by: number) => setMonth(dayjs(`${month}-01`).add(by, 'month').format('YYYY-MM'));

  return (
    <Page
      title="Calendar"
      about="What goes out when, on the clocks of the organization."
      actions={
        may && (
          <ButtonLink to="/messages/new" leftSection={<IconCalendarPlus size={16} aria-hidden />}>
            Schedule a message
          </ButtonLink>
        )
      }
    >
      <Shown query={query} lines={10}>
        {({ data, nextCursor }) => {
          const byTime = [...data].sort((a, b) => (a.scheduledAt ?? '').localeCompare(b.scheduledAt ?? ''));
          return (
            <Stack>
              <Card visibleFrom="sm">
                <Group justify="space-between" mb="md">
                  <Title order={2} aria-live="polite">
                    {monthName(`${month}-01`)}
                  </Title>
                  <Group gap="xs">
                    <ActionIcon variant="default" aria-label="Month before" onClick={() => move(-1)}>
                      <IconChevronLeft size={16} aria-hidden />
                    </ActionIcon>
                    <Button size="xs" variant="default" onClick={() => setMonth(today.slice(0, 7))}>
                      Today
                    </Button>
                    <ActionIcon variant="default" aria-label="Month after" onClick={() => move(1)}>
                      <IconChevronRight size={16} aria-hidden />
                    </ActionIcon>
                  </Group>
                </Group>
                <SimpleGrid cols={7} spacing={6} verticalSpacing={6}>
                  {weeks[0]?.map((date) => (
                    <Text key={date} size="xs" c="dimmed" fw={600} ta="center" aria-hidden>
                      {weekday(date)}
                    </Text>
                  ))}
                  {weeks.flat().map((date) => (
                    <Box key={date} className="calendar-day" data-outside={date.startsWith(month) ? undefined : true} data-today={date === today || undefined}>
                      <Text size="xs" c="dimmed" fw={date === today ? 700 : 500}>
                        <VisuallyHidden>{weekday(date)} </VisuallyHidden>
                        {Number(date.slice(8))}
                      </Text>
                      {byTime
                        .filter((message) => message.scheduledAt && dayOf(message.scheduledAt) === date)
                        .map((message) => (
                          <AnchorLink key={message.id} to="/messages/$id" params={{ id: message.id }} size="xs" fw={600} lineClamp={1} display="block">
                            {toLocal(message.scheduledAt!).slice(11, 16)} {message.title}
                          </AnchorLink>
                        ))}
                    </Box>
                  ))}
                </SimpleGrid>
              </Card>
              <Section title="To come" flush>
                {byTime.length === 0 ? (
                  <Empty icon={IconCalendarPlus} title="Nothing is scheduled">
                    Choose “Later” when you write a message.
                  </Empty>
                ) : (
                  <MessageTable label="Scheduled messages" messages={byTime} when={({ scheduledAt }) => dateTime(scheduledAt)} />
                )}
                {nextCursor && (
                  <Text size="sm" c="dimmed" p="md">
                    These are the hundred that were scheduled last.{' '}
                    <AnchorLink to="/messages" search={{ status: 'SCHEDULED' }} underline="always">
                      All of them
                    </AnchorLink>
                  </Text>
                )}
              </Section>
            </Stack>
          );
        }}
      </Shown>
    </Page>
  );
}
