// The way through the pages of a list.
import { Button, Group, Text, type GroupProps } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { number } from '../lib/format';
import type { Paging } from '../lib/paging';

interface Props extends GroupProps {
  paging: Paging;
  next?: string | null;
  total?: number | null;
}

export function Pager({ paging, next, total, ...rest }: Props) {
  if (!next && paging.page === 1 && total == null) return null;
  return (
    <Group justify="space-between" {...rest}>
      <Text size="sm" c="dimmed" aria-live="polite">
        {total != null ? `${number(total)} in all · ` : ''}page {paging.page}
      </Text>
      <Group gap="xs">
        <Button size="xs" variant="default" leftSection={<IconChevronLeft size={14} aria-hidden />} disabled={paging.page === 1} onClick={paging.previous}>
          Back
        </Button>
        <Button size="xs" variant="default" rightSection={<IconChevronRight size={14} aria-hidden />} disabled={!next} onClick={() => next && paging.next(next)}>
          Next
        </Button>
      </Group>
    </Group>
  );
}
