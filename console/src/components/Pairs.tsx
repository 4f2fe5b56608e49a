// A list of names and values that people make up.
import { ActionIcon, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';

export interface Pair {
  key: string;
  value: string;
}

interface Props {
  /** The form that has them in the field `name`. */
  form: {
    getInputProps: (path: string) => object;
    insertListItem: (path: string, item: Pair) => void;
    removeListItem: (path: string, index: number) => void;
  };
  name: string;
  values: Pair[];
  label: string;
  description?: string;
  /** What one of them is called, such as `attribute`. */
  one: string;
  example: Pair;
  /** Whether the form hides what is typed. */
  secret?: boolean;
}

export function Pairs({ form, name, values, label, description, one, example, secret }: Props) {
  const Value = secret ? PasswordInput : TextInput;
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        {description && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
      </div>
      {values.map((_, index) => (
        <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput aria-label={`Name of ${one} ${index + 1}`} placeholder={example.key} flex={1} {...form.getInputProps(`${name}.${index}.key`)} />
          <Value aria-label={`Value of ${one} ${index + 1}`} placeholder={example.value} autoComplete="off" flex={1} {...form.getInputProps(`${name}.${index}.value`)} />
          <ActionIcon mt={4} aria-label={`Remove ${one} ${index + 1}`} onClick={() => form.removeListItem(name, index)}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(name, { key: '', value: '' })}
      >
        Add {/^[aeiou]/.test(one) ? 'an' : 'a'} {one}
      </Button>
    </Stack>
  );
}
