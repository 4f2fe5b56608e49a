// The last question before a message goes out: to how many, at what price.
import { Alert, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { MessageEstimate } from '../api/schema';
import { counted, dateTime, money, number } from '../lib/format';

export function confirmSend(estimate: MessageEstimate, scheduledAt: string | null, onConfirm: () => void) {
  const left = estimate.recipients - estimate.sendable;
  modals.openConfirmModal({
    title: scheduledAt ? 'Schedule this message?' : 'Send this message?',
    children: (
      <Stack gap="xs">
        <Text>
          To <b>{number(estimate.sendable)}</b> {estimate.sendable === 1 ? 'recipient' : 'recipients'}
          {estimate.segments > 0 && `, ${counted(estimate.segments, 'segment')}`}
          {estimate.cost && `, about ${money(estimate.cost)}`}
          {scheduledAt ? `, on ${dateTime(scheduledAt)}.` : ', now.'}
        </Text>
        {left > 0 && <Alert color="orange">{number(left)} are left out; the estimate says why.</Alert>}
      </Stack>
    ),
    labels: { confirm: scheduledAt ? 'Schedule it' : 'Send it', cancel: 'Not yet' },
    onConfirm,
  });
}
