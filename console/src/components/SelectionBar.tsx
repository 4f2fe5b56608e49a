// Above a list in which some are selected: how many, what can be done with them, and the way back.
import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { number } from '../lib/format';

export function SelectionBar({ count, onClear, children }: { count: number; onClear: () => void; children: ReactNode }) {
  return (
    <Group gap="sm" role="group" aria-label="Selected">
      <Text size="sm" fw={600} aria-live="polite">
        {number(count)} selected
      </Text>
      {children}
      <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </Group>
  );
}
