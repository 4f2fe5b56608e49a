// A text to be copied.
import { ActionIcon, CopyButton, TextInput, type TextInputProps } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

export function CopyField({ value, ...rest }: TextInputProps & { value: string }) {
  return (
    <TextInput
      {...rest}
      readOnly
      value={value}
      rightSection={
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <ActionIcon aria-label={copied ? 'Copied' : 'Copy'} onClick={copy}>
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          )}
        </CopyButton>
      }
    />
  );
}
