// Asking before something that cannot be taken back.
import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';

export function confirm(title: string, text: string, label: string, onConfirm: () => void) {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm: label, cancel: 'Not now' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
