// A text with variables: suggestions behind `{{`, a menu to insert one, and the counter of characters and segments.
import { Button, Combobox, Group, Menu, Stack, Text, Textarea, useCombobox, type TextareaProps } from '@mantine/core';
import { IconBraces } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { counted, number } from '../lib/format';
import { beyondGsm, segments } from '../lib/segments';
import { smart } from '../lib/smart';
import { insertVariable, openPlaceholder, variables } from '../lib/variables';

interface Props extends Omit<TextareaProps, 'value' | 'onChange'> {
  value?: string;
  onChange?: (value: string) => void;
  /** What is suggested. */
  names: string[];
  counter?: boolean;
  /** Whether look-alike characters are replaced. */
  replaces?: boolean;
}

/** What may be written in place of a plain text, on the channel that takes it. */
export const MAIL_ABOUT = 'Plain text, or HTML that begins with a tag such as <p>';

export function VariableTextarea({ value = '', onChange, names, counter = true, replaces = false, ...rest }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const open = () => {
    const node = field.current;
    return node ? openPlaceholder(node.value, node.selectionStart) : null;
  };
  const fitting = (typed: string) => names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
  const suggest = () => {
    const at = open();
    if (at && fitting(at.typed).length > 0) combobox.openDropdown();
    else combobox.closeDropdown();
  };
  const insert = (name: string) => {
    const node = field.current;
    if (!node) return;
    const next = insertVariable(node.value, node.selectionStart, name);
    onChange?.(next.text);
    combobox.closeDropdown();
    requestAnimationFrame(() => {
      node.focus();
      node.setSelectionRange(next.caret, next.caret);
    });
  };
  // What is typed behind the braces, from the text as it is now.
  const typed = /\{\{\s*([^{}|\n]*)$/.exec(value)?.[1] ?? '';
  const shown = fitting(typed).length > 0 ? fitting(typed) : names;

  // Enter takes the first of those that are shown.
  const { dropdownOpened, selectFirstOption } = combobox;
  const listed = shown.join();
  useEffect(() => {
    if (dropdownOpened) selectFirstOption();
  }, [dropdownOpened, listed, selectFirstOption]);

  return (
    <Stack gap={6}>
      <Combobox store={combobox} onOptionSubmit={insert} withinPortal={false} keepMounted position="bottom-start" width={260}>
        <Combobox.Target withKeyboardNavigation={combobox.dropdownOpened}>
            <Textarea
              {...rest}
              ref={field}
              autosize
              minRows={6}
              maxRows={18}
              value={value}
              onChange={(event) => {
                onChange?.(event.currentTarget.value);
                requestAnimationFrame(suggest);
              }}
              onBlur={() => combobox.closeDropdown()}
            />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!combobox.dropdownOpened}>
          <Combobox.Options mah={220} style={{ overflowY: 'auto' }} aria-label="Variables">
            {shown.map((name) => (
              <Combobox.Option key={name} value={name}>
                <span className="code">{`{{${name}}}`}</span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Group justify="space-between" gap="xs" align="flex-start">
        {counter ? <Counter text={value} replaces={replaces} /> : <span />}
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="compact-sm" variant="subtle" leftSection={<IconBraces size={15} aria-hidden />}>
              Insert a variable
            </Button>
          </Menu.Target>
          <Menu.Dropdown mah={300} style={{ overflowY: 'auto' }}>
            {names.map((name) => (
              <Menu.Item key={name} className="code" onClick={() => insert(name)}>
                {name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Stack>
  );
}

export function Counter({ text, replaces = false }: { text: string; replaces?: boolean }): ReactNode {
  const replaced = replaces ? smart(text) : null;
  const count = segments(replaced ?? text);
  const wide = beyondGsm(replaced ?? text);
  return (
    <Stack gap={2}>
      <Text size="sm" c="dimmed" data-testid="counter" aria-live="polite">
        {number(count.characters)} characters · {counted(count.segments, 'segment')}
        {count.units > 0 && ` · ${number(count.segments * count.unitsPerSegment - count.units)} left`}
        {variables(text).length > 0 && ' · before the variables are filled in'}
      </Text>
      {replaced !== null && (
        <Text size="xs" c="dimmed">
          {beyondGsm(text).slice(0, 6).join(' ')} {beyondGsm(text).length === 1 ? 'is' : 'are'} replaced by what looks alike in the plain alphabet.
        </Text>
      )}
      {wide.length > 0 && (
        <Text size="xs" c="dimmed">
          {wide.slice(0, 6).join(' ')} {wide.length === 1 ? 'is' : 'are'} beyond the plain alphabet: 70 characters fit into a segment, not 160.
        </Text>
      )}
    </Stack>
  );
}
