// Many contacts at once, from the clipboard: a line each, as a spreadsheet copies them.
import { Alert, Button, Group, List, Select, Stack, Switch, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { api, changed } from '../api/client';
import type { BulkResult } from '../api/schema';
import { counted, number } from '../lib/format';
import { parseLines } from '../lib/paste';
import { useGroups } from './useGroups';
import { Dialog } from './Dialog';

export function PasteContacts({ onClose }: { onClose: () => void }) {
  const { options } = useGroups();
  const [text, setText] = useState('');
  const [groupId, setGroupId] = useState<string | null>(null);
  const [update, setUpdate] = useState(false);
  const [result, setResult] = useState<BulkResult>();
  const contacts = parseLines(text);
  const add = api.useMutation('post', '/api/contacts/bulk', {
    onSuccess: (answer) => {
      setResult(answer);
      void changed('contacts', 'groups', 'dashboard');
    },
  });

  return (
    <Dialog onClose={onClose} title="Paste contacts" size="lg">
      {result ? (
        <Stack>
          <Alert color={result.errors.length ? 'orange' : 'teal'} role="status">
            {number(result.created)} made, {number(result.skipped)} left out{result.updated ? `, ${number(result.updated)} of them updated` : ''}.
          </Alert>
          {result.errors.length > 0 && (
            <List size="sm">
              {result.errors.slice(0, 50).map((error) => (
                <List.Item key={error.index}>
                  Line {error.index + 1} ({error.phone ?? 'no number'}): {error.error}
                </List.Item>
              ))}
            </List>
          )}
          <Button onClick={onClose}>Done</Button>
        </Stack>
      ) : (
        <Stack>
          <Textarea
            label="One contact a line: name, then phone number"
            description="Separated by a tab, comma or semicolon. At most 1,000 lines; more go by Import."
            placeholder={'Amina Otieno, 0700 000 001\nJuma Mwangi, +254 700 000 002'}
            autosize
            minRows={8}
            maxRows={16}
            data-autofocus
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Select label="Into a group" data={options} value={groupId} onChange={setGroupId} clearable searchable />
          <Switch label="Update contacts that exist already" checked={update} onChange={(event) => setUpdate(event.currentTarget.checked)} />
          <Group justify="space-between">
            <Text size="sm" c="dimmed" aria-live="polite">
              {counted(contacts.length, 'line')}
            </Text>
            <Button
              loading={add.isPending}
              disabled={contacts.length === 0 || contacts.length > 1000}
              onClick={() => add.mutate({ body: { contacts, groupId, onDuplicate: update ? 'UPDATE' : 'SKIP' } })}
            >
              Add
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
