// A part of a page with its heading; and the figures and facts that parts show.
import { Card, Group, Stack, Table, Text, Title, type CardProps } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps extends Omit<CardProps, 'title'> {
  'data-testid'?: string;
  title: ReactNode;
  /** Beside the heading. */
  aside?: ReactNode;
  /** The content reaches the borders, as tables do. */
  flush?: boolean;
  children: ReactNode;
}

export function Section({ title, aside, flush, children, ...rest }: SectionProps) {
  return (
    <Card padding={flush ? 0 : undefined} {...rest}>
      <Group justify="space-between" {...(flush ? { p: 'lg', pb: 'xs' } : { mb: 'md' })}>
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Card>
  );
}

/** The same without a frame, for what has one of its own. */
export function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Stack>
  );
}

interface FigureProps {
  label: ReactNode;
  value: string;
  note?: ReactNode;
  aside?: ReactNode;
  color?: string;
}

export function Figure({ label, value, note, aside, color }: FigureProps) {
  return (
    <Card padding="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed" fw={550} component="div">
          {label}
        </Text>
        {aside}
      </Group>
      <Text fz={26} fw={680} lh={1.2} c={color && `var(--mantine-color-${color}-text)`} style={{ letterSpacing: '-0.02em', fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Card>
  );
}

/** What is known, line by line. */
export function Facts({ rows }: { rows: (readonly [label: string, value: ReactNode])[] }) {
  return (
    <Table variant="vertical" layout="fixed" withRowBorders={false} verticalSpacing={5} horizontalSpacing={0}>
      <Table.Tbody>
        {rows.map(([label, value]) => (
          <Table.Tr key={label}>
            <Table.Th c="dimmed" fw={500} w="42%" bg="transparent">
              {label}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
