// The bin at the end of a row, with its question.
import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { confirm } from './confirm';

interface Props {
  /** Of the row: for those who hear the button, and in the question. */
  name: string;
  /** What is done: `Remove`, `Delete`, `Revoke`. */
  verb?: string;
  /** What follows from it. */
  text: string;
  onConfirm: () => void;
}

export function RemoveButton({ name, verb = 'Remove', text, onConfirm }: Props) {
  return (
    <ActionIcon aria-label={`${verb} ${name}`} onClick={() => confirm(`${verb} ${name}?`, text, verb, onConfirm)}>
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
