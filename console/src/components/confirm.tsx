// Asking before something that cannot be taken back.
import { Button, Text, type ButtonProps } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';

export function confirm(title: string, text: string, label: string, onConfirm: () => void) {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm: label, cancel: 'Not now' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}

interface Props extends ButtonProps {
  /** The question. */
  title: string;
  /** What follows from it. */
  text: string;
  /** What is done, if the button says less. */
  label?: string;
  onConfirm: () => void;
  children?: ReactNode;
}

/** The button of a page that deletes or ends what it shows, after a question. */
export function DangerButton({ title, text, label, onConfirm, children = 'Delete', ...rest }: Props) {
  return (
    <Button variant="subtle" color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => confirm(title, text, label ?? 'Delete', onConfirm)} {...rest}>
      {children}
    </Button>
  );
}
