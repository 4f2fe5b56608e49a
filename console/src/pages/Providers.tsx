// The providers that are set up, and the catalogue of those that could be.
import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { KindSpec } from '../api/schema';
import { useMay } from '../app/useSession';
import { Page } from '../components/Page';
import { ProviderForm } from '../components/ProviderForm';
import { AnchorLink } from '../components/links';
import { Part } from '../components/Section';
import { StateBadge } from '../components/StateBadge';
import { Empty, Listed, Shown } from '../components/states';
import { CHANNELS, money, relative, words } from '../lib/format';

export default function Providers() {
  const admin = useMay('ADMIN');
  const [adding, setAdding] = useState<KindSpec>();
  const query = api.useQuery('get', '/api/providers', { params: { query: { limit: 100 } } });
  const catalogue = api.useQuery('get', '/api/providers/catalogue', {}, { staleTime: Infinity });

  return (
    <Page title="Providers" about="The services that carry your messages. Your account with them, your prices.">
      <Listed
        query={query}
        lines={3}
        empty={
          <Empty icon={IconPlugConnected} title="No provider yet">
            Choose one below. The sandbox reaches nobody and is good for trying things out.
          </Empty>
        }
      >
        {(providers) => (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {providers.map((provider) => (
              <Card key={provider.id}>
                <Group justify="space-between" wrap="nowrap" align="flex-start">
                  <div style={{ minWidth: 0 }}>
                    <AnchorLink to="/providers/$id" params={{ id: provider.id }} fw={650} c="inherit">
                      {provider.name}
                    </AnchorLink>
                    <Text size="sm" c="dimmed">
                      {catalogue.data?.data.find(({ kind }) => kind === provider.kind)?.name ?? provider.kind} · {CHANNELS[provider.channel]}
                    </Text>
                  </div>
                  <StateBadge state={provider.health.status} />
                </Group>
                <Text size="sm" c="dimmed" mt="sm" mih={22}>
                  {provider.health.detail ?? (provider.balance ? `${money(provider.balance)}, asked ${relative(provider.balance.checkedAt)}` : '')}
                </Text>
                {provider.isDefault && (
                  <Badge mt="xs" color="gray">
                    Default
                  </Badge>
                )}
              </Card>
            ))}
          </SimpleGrid>
        )}
      </Listed>
      <Part title="Catalogue">
        <Shown query={catalogue} lines={8}>
          {({ data }) => (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {data.map((spec) => (
                <Card key={spec.kind}>
                  <Stack gap="xs" h="100%">
                    <Group justify="space-between">
                      <Title order={3}>{spec.name}</Title>
                      {spec.status === 'COMING_SOON' && <Badge color="gray">Not there yet</Badge>}
                    </Group>
                    <Text size="sm" c="dimmed" flex={1}>
                      {spec.description}
                    </Text>
                    <Group gap={4}>
                      {spec.channels.map((channel) => (
                        <Badge key={channel} size="sm" color="indigo">
                          {CHANNELS[channel]}
                        </Badge>
                      ))}
                      {spec.features.map((feature) => (
                        <Badge key={feature} size="sm" color="gray">
                          {words(feature)}
                        </Badge>
                      ))}
                    </Group>
                    {spec.status === 'AVAILABLE' && admin && (
                      <Button size="xs" variant="light" leftSection={<IconPlus size={14} aria-hidden />} style={{ alignSelf: 'flex-start' }} onClick={() => setAdding(spec)}>
                        Add {spec.name}
                      </Button>
                    )}
                  </Stack>
                </Card>
              ))}
            </SimpleGrid>
          )}
        </Shown>
      </Part>
      {adding && <ProviderForm spec={adding} onClose={() => setAdding(undefined)} />}
    </Page>
  );
}
