// What a view shows while it loads, when it failed, and when there is nothing.
import { Alert, Button, Card, Center, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconMoodEmpty, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isProblem, sentence } from '../api/problem';
import type { Paging } from '../lib/paging';
import { ButtonLink } from './links';
import { Pager } from './Pager';

/** An error with a way to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" title="This could not be shown" icon={<IconAlertTriangle aria-hidden />} role="alert" my="md">
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{sentence(error)}</Text>
        {isProblem(error) && error.instance && (
          <Text size="xs" className="code">
            Request {error.instance}
          </Text>
        )}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** A place that has nothing to show yet, with what to do about it. */
export function Empty({ icon: Icon = IconMoodEmpty, title, children, action }: { icon?: Icon; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap="xs" maw={420} ta="center">
        <ThemeIcon size={52} radius="xl" variant="light" mb={4}>
          <Icon size={26} stroke={1.5} aria-hidden />
        </ThemeIcon>
        <Text fw={600}>{title}</Text>
        {children && (
          <Text size="sm" c="dimmed">
            {children}
          </Text>
        )}
        {action && <div style={{ marginTop: 8 }}>{action}</div>}
      </Stack>
    </Center>
  );
}

export function Missing() {
  return (
    <Center mih="60vh">
      <Stack align="center" gap="xs">
        <Title order={1}>There is nothing at this address</Title>
        <ButtonLink to="/" variant="light" mt="sm">
          To the dashboard
        </ButtonLink>
      </Stack>
    </Center>
  );
}

/** Lines of the height that the content will have. */
export function Loading({ lines = 6, height = 20 }: { lines?: number; height?: number }) {
  return (
    <Stack gap="md" aria-busy="true" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={height} />
      ))}
    </Stack>
  );
}

interface Query<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** The view of a query: loading, failed, or its data. */
export function Shown<T>({ query, lines, children }: { query: Query<T>; lines?: number; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Loading lines={lines} />;
}

interface ListedProps<T> {
  query: Query<{ data: T[]; nextCursor?: string | null }>;
  paging?: Paging;
  lines?: number;
  /** What there is when there is nothing. */
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}

/** A list that is no table: its view, and the way through its pages. */
export function Listed<T>({ query, paging, lines, empty, children }: ListedProps<T>) {
  return (
    <Shown query={query} lines={lines}>
      {({ data, nextCursor }) => (
        <Stack>
          {data.length === 0 ? <Card>{empty}</Card> : children(data)}
          {paging && <Pager paging={paging} next={nextCursor} />}
        </Stack>
      )}
    </Shown>
  );
}
