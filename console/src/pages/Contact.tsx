// One contact: who they are, what was sent to them, and what they wrote.
import { Avatar, Badge, Button, Card, Grid, Group, Stack, Text } from '@mantine/core';
import { IconHistory, IconMessages, IconPencil, IconSend } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed, KEEP } from '../api/client';
import { showDone } from '../api/problem';
import { useMay } from '../app/useSession';
import { DangerButton } from '../components/confirm';
import { called } from '../components/contactColumns';
import { ContactForm } from '../components/ContactForm';
import { DeliveryTable } from '../components/DeliveryTable';
import { ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { Facts, Part } from '../components/Section';
import { Empty, Shown } from '../components/states';
import { CHANNELS, date } from '../lib/format';
import { usePaging } from '../lib/paging';

export default function Contact() {
  const { id } = useParams({ from: '/inside/contacts/$id' });
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const [editing, setEditing] = useState(false);
  const paging = usePaging(id);
  const query = api.useQuery('get', '/api/contacts/{id}', { params: { path: { id } } });
  const history = api.useQuery('get', '/api/contacts/{id}/deliveries', { params: { path: { id }, query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const talks = api.useQuery('get', '/api/conversations', { params: { query: { contactId: id } } });
  const remove = api.useMutation('delete', '/api/contacts/{id}', {
    onSuccess: async () => {
      showDone('The contact is deleted.');
      await navigate({ to: '/contacts' });
      void changed('contacts', 'groups', 'dashboard');
    },
  });

  return (
    <Shown query={query}>
      {(contact) => (
        <Page
          title={called(contact)}
          back={{ to: '/contacts', label: 'Contacts' }}
          actions={
            <>
              {talks.data?.data.map((talk) => (
                <ButtonLink key={talk.id} variant="default" leftSection={<IconMessages size={16} aria-hidden />} to="/conversations/$id" params={{ id: talk.id }}>
                  {talks.data.data.length > 1 ? `Conversation by ${CHANNELS[talk.channel]}` : 'Conversation'}
                </ButtonLink>
              ))}
              {may && (
                <>
                  <DangerButton
                    title="Delete this contact?"
                    text="They leave all groups. What was sent to them stays in the history."
                    onConfirm={() => remove.mutate({ params: { path: { id } } })}
                  />
                  <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(true)}>
                    Edit
                  </Button>
                  <ButtonLink leftSection={<IconSend size={16} aria-hidden />} to="/messages/new" search={{ to: id }}>
                    Send a message
                  </ButtonLink>
                </>
              )}
            </>
          }
        >
          <Grid>
            <Grid.Col span={{ base: 12, md: 4 }}>
              <Card>
                <Group mb="md">
                  <Avatar name={contact.name ?? undefined} color="initials" size={52} alt="" />
                  <div>
                    <Text fw={600}>{contact.phone ?? '–'}</Text>
                    <Text size="sm" c="dimmed">
                      {contact.email ?? 'no e-mail address'}
                    </Text>
                  </div>
                </Group>
                <Stack gap="sm">
                  {contact.tags.length > 0 && (
                    <Group gap={6}>
                      {contact.tags.map((tag) => (
                        <Badge key={tag} color="gray">
                          {tag}
                        </Badge>
                      ))}
                    </Group>
                  )}
                  <Facts
                    rows={[
                      ...Object.entries(contact.attributes).map(([key, value]) => [key, String(value)] as const),
                      ['Time zone', contact.timezone ?? 'the organization’s'],
                      ['Since', date(contact.createdAt)],
                    ]}
                  />
                </Stack>
              </Card>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 8 }}>
              <Part title="What was sent to them">
                <DeliveryTable
                  label="Deliveries to this contact"
                  query={history}
                  paging={paging}
                  empty={
                    <Empty icon={IconHistory} title="Nothing yet">
                      Each copy of a message that goes to them shows here.
                    </Empty>
                  }
                />
              </Part>
            </Grid.Col>
          </Grid>
          {editing && <ContactForm contact={contact} onClose={() => setEditing(false)} />}
        </Page>
      )}
    </Shown>
  );
}
