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

const SECTIONS = [
  { value: 'organization', label: 'Organization', icon: IconBuilding, View: Organization },
  { value: 'users', label: 'People', icon: IconUsers, View: Users },
  { value: 'api-keys', label: 'API keys', icon: IconKey, View: ApiKeys, role: 'ADMIN' },
  { value: 'profile', label: 'Profile', icon: IconUser, View: Profile },
];

export default function Settings() {
  const { section } = useParams({ from: '/inside/settings/$section' });
  const navigate = useNavigate();
  const admin = useMay('ADMIN');
  const sections = SECTIONS.filter(({ role }) => admin || !role);
  return (
    <Page title="Settings">
      <Tabs value={section} onChange={(value) => value && void navigate({ to: '/settings/$section', params: { section: value } })} keepMounted={false}>
        <Tabs.List mb="lg">
          {sections.map(({ value, label, icon: Icon }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Icon size={16} aria-hidden />}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {sections.map(({ value, View }) => (
          <Tabs.Panel key={value} value={value}>
            <View />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
