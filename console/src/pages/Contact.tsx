// One contact: who they are, and what was sent to them.
import { Avatar, Badge, Button, Card, Grid, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconHistory, IconPencil, IconSend, IconTrash } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed } from '../api/client';
import { showDone } from '../api/problem';
import { useMay } from '../app/useSession';
import { confirm } from '../components/confirm';
import { ContactForm } from '../components/ContactForm';
import { DataTable } from '../components/DataTable';
import { DeliveryDrawer } from '../components/DeliveryDrawer';
import { deliveryColumns } from '../components/deliveryColumns';
import { Page } from '../components/Page';
import { Empty, Shown } from '../components/states';
import { date } from '../lib/format';
import { usePaging } from '../lib/paging';
import { ButtonLink } from '../components/links';

export default function Contact() {
  const { id } = useParams({ from: '/inside/contacts/$id' });
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const [editing, setEditing] = useState(false);
  const [delivery, setDelivery] = useState<string>();
  const paging = usePaging(id);
  const query = api.useQuery('get', '/api/contacts/{id}', { params: { path: { id } } });
  const history = api.useQuery('get', '/api/contacts/{id}/deliveries', {
    params: { path: { id }, query: { limit: 25, cursor: paging.cursor } },
  });
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
          title={contact.name || contact.phone || contact.email || 'Contact'}
          back={{ to: '/contacts', label: 'Contacts' }}
          actions={
            may && (
              <>
                <Button
                  variant="subtle"
                  color="red"
                  leftSection={<IconTrash size={16} aria-hidden />}
                  onClick={() =>
                    confirm('Delete this contact?', 'They leave all groups. What was sent to them stays in the history.', 'Delete', () =>
                      remove.mutate({ params: { path: { id } } }),
                    )
                  }
                >
                  Delete
                </Button>
                <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(true)}>
                  Edit
                </Button>
                <ButtonLink leftSection={<IconSend size={16} aria-hidden />} to="/messages/new" search={{ to: id }}>
                  Send a message
                </ButtonLink>
              </>
            )
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
                  <Table variant="vertical" layout="fixed" verticalSpacing={6} horizontalSpacing={0} withRowBorders={false}>
                    <Table.Tbody>
                      {Object.entries(contact.attributes).map(([key, value]) => (
                        <Table.Tr key={key}>
                          <Table.Th c="dimmed" fw={500} bg="transparent">
                            {key}
                          </Table.Th>
                          <Table.Td>{String(value)}</Table.Td>
                        </Table.Tr>
                      ))}
                      <Table.Tr>
                        <Table.Th c="dimmed" fw={500} bg="transparent">
                          Time zone
                        </Table.Th>
                        <Table.Td>{contact.timezone ?? 'the organization’s'}</Table.Td>
                      </Table.Tr>
                      <Table.Tr>
                        <Table.Th c="dimmed" fw={500} bg="transparent">
                          Since
                        </Table.Th>
                        <Table.Td>{date(contact.createdAt)}</Table.Td>
                      </Table.Tr>
                    </Table.Tbody>
                  </Table>
                </Stack>
              </Card>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 8 }}>
              <Title order={2} mb="sm">
                What was sent to them
              </Title>
              <DataTable
                label="Deliveries to this contact"
                columns={deliveryColumns((one) => setDelivery(one.id))}
                query={history}
                paging={paging}
                id={(one) => one.id}
                onOpen={(one) => setDelivery(one.id)}
                empty={
                  <Empty icon={IconHistory} title="Nothing yet">
                    Each copy of a message that goes to them shows here.
                  </Empty>
                }
              />
            </Grid.Col>
          </Grid>
          {editing && <ContactForm contact={contact} onClose={() => setEditing(false)} />}
          <DeliveryDrawer id={delivery} onClose={() => setDelivery(undefined)} />
        </Page>
      )}
    </Shown>
  );
}
