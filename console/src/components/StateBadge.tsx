// A state in words and colour.
import { Badge, type BadgeProps } from '@mantine/core';
import { STATE_COLORS } from '../app/theme';
import { words } from '../lib/format';

export function StateBadge({ state, ...rest }: { state: string } & BadgeProps) {
  return (
    <Badge className="state" color={STATE_COLORS[state] ?? 'gray'} {...rest}>
      {words(state)}
    </Badge>
  );
}
