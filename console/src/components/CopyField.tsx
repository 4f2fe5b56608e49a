// A text to be copied.
import { ActionIcon, CopyButton, TextInput, type TextInputProps } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

export function CopyField({ value, ...rest }: TextInputProps & { value: string }) {
  return <TextInput {...rest} readOnly value={value} rightSection={<CopyIcon value={value} />} />;
}

/** Copies `value`; small beside small text. */
export function CopyIcon({ value, label = 'Copy', small = false }: { value: string; label?: string; small?: boolean }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => {
        const Icon = copied ? IconCheck : IconCopy;
        return (
          <ActionIcon size={small ? 'xs' : undefined} aria-label={copied ? 'Copied' : label} onClick={copy}>
            <Icon size={small ? 12 : 16} aria-hidden />
          </ActionIcon>
        );
      }}
    </CopyButton>
  );
}
