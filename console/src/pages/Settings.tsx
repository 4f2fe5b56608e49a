// Settings: the organization, its people, its API keys, and oneself.
import { Tabs } from '@mantine/core';
import { IconBuilding, IconKey, IconUser, IconUsers } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useMay } from '../app/useSession';
import { Page } from '../components/Page';
import { ApiKeys } from './settings/ApiKeys';
import { Organization } from './settings/Organization';
import { Profile } from './settings/Profile';
import { Users } from './settings/Users';

export default function Settings() {
  const { section } = useParams({ from: '/inside/settings/$section' });
  const navigate = useNavigate();
  const admin = useMay('ADMIN');
  return (
    <Page title="Settings">
      <Tabs value={section} onChange={(value) => value && void navigate({ to: '/settings/$section', params: { section: value } })} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="organization" leftSection={<IconBuilding size={16} aria-hidden />}>
            Organization
          </Tabs.Tab>
          <Tabs.Tab value="users" leftSection={<IconUsers size={16} aria-hidden />}>
            People
          </Tabs.Tab>
          {admin && (
            <Tabs.Tab value="api-keys" leftSection={<IconKey size={16} aria-hidden />}>
              API keys
            </Tabs.Tab>
          )}
          <Tabs.Tab value="profile" leftSection={<IconUser size={16} aria-hidden />}>
            Profile
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="organization">
          <Organization />
        </Tabs.Panel>
        <Tabs.Panel value="users">
          <Users />
        </Tabs.Panel>
        <Tabs.Panel value="api-keys">
          <ApiKeys />
        </Tabs.Panel>
        <Tabs.Panel value="profile">
          <Profile />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
