// The mark: an hourglass drum with its cords.
import { Group, Text } from '@mantine/core';

export function Drum({ size = 28 }: { size?: number }) {
  return (
    <svg className="drum" width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <path d="M7 8h18l-6 8 6 8H7l6-8z" fill="#f2c4ae" />
      <path d="M11.5 8l2.9 8-2.9 8M16 8v16M20.5 8l-2.9 8 2.9 8" fill="none" stroke="#8d3c19" strokeWidth="1.2" />
      <rect x="5.5" y="5.5" width="21" height="4" rx="2" fill="#ffd9a8" />
      <rect x="5.5" y="22.5" width="21" height="4" rx="2" fill="#ffd9a8" />
    </svg>
  );
}

export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <Drum />
      <Text fw={700} fz={20} style={{ letterSpacing: '-0.02em' }}>
        Dundun
      </Text>
    </Group>
  );
}
