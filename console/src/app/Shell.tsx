// The frame of all pages behind the sign-in: navigation, who is signed in, and the page.
import {
  AppShell,
  Avatar,
  Badge,
  Box,
  Burger,
  Group,
  Indicator,
  Menu,
  ScrollArea,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronRight, IconLogout, IconMoon, IconSettings, IconSun, IconSunMoon } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Fragment, useEffect, useRef } from 'react';
import { api } from '../api/client';
import { signOut } from '../api/session';
import { Brand } from '../components/Brand';
import { MenuLink, NavigationLink } from '../components/links';
import { words } from '../lib/format';
import { active, AREAS } from './areas';
import { useSession } from './useSession';

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const here = active(pathname);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);

  // A new page takes the focus, as it would after a full load; the part of it that asks for it, if one does.
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    close();
    const part = main.current?.querySelector<HTMLElement>('[data-focus]');
    (part ?? main.current)?.focus({ preventScroll: true });
  }, [pathname, close]);

  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 56, sm: 0 } }}
      navbar={{ width: 236, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <AppShell.Header hiddenFrom="sm" className="topbar">
        <Group h="100%" px="md" justify="space-between">
          <Brand />
          <Burger opened={opened} onClick={toggle} color="#fff" size="sm" aria-label="Navigation" aria-expanded={opened} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="sidebar" p="sm" aria-label="Main">
        <AppShell.Section px="xs" py="sm">
          <Group justify="space-between">
            <Link to="/" aria-label="Dundun, dashboard" style={{ textDecoration: 'none', color: 'inherit' }}>
              <Brand />
            </Link>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" color="#fff" size="sm" aria-label="Close the navigation" />
          </Group>
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea} type="auto" scrollbarSize={8} offsetScrollbars={false}>
          {AREAS.map(({ area, to, label, icon: Icon }, index) => (
            <Fragment key={to}>
              {area !== (AREAS[index - 1]?.area ?? '') && <div className="section">{area}</div>}
              <NavigationLink
                className="link"
                to={to}
                params={{ section: 'organization' }}
                label={label}
                active={to === here}
                aria-current={to === here ? 'page' : undefined}
                leftSection={<Icon size={19} stroke={1.6} aria-hidden />}
                rightSection={to === '/alerts' ? <OpenAlerts /> : undefined}
                variant="subtle"
              />
            </Fragment>
          ))}
        </AppShell.Section>
        <AppShell.Section pt="sm">
          <Account />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: 'none' }}>
        <div className="page">
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

function OpenAlerts() {
  const { data } = api.useQuery(
    'get',
    '/api/alerts',
    { params: { query: { open: true, limit: 10 } } },
    { refetchInterval: 60_000 },
  );
  if (!data?.data.length) return null;
  return (
    <Badge size="sm" variant="filled" color="red.8" circle aria-label={`${data.data.length} open`}>
      {data.data.length}
    </Badge>
  );
}

function Account() {
  const { user, organization } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="top-start" width={210} shadow="lg">
      <Menu.Target>
        <UnstyledButton className="account" p="xs" w="100%" aria-label={`Account of ${user.name}`}>
          <Group gap="sm" wrap="nowrap">
            <Indicator color="teal" position="bottom-end" size={9} offset={4} disabled>
              <Avatar name={user.name} color="clay" variant="filled" size={34} alt="" />
            </Indicator>
            <Box flex={1} miw={0}>
              <Text size="sm" fw={600} truncate>
                {user.name}
              </Text>
              <Text size="xs" truncate c="#cdbdb3">
                {organization.name} · {words(user.role)}
              </Text>
            </Box>
            <IconChevronRight size={15} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Appearance</Menu.Label>
        {(
          [
            ['light', 'Light', IconSun],
            ['dark', 'Dark', IconMoon],
            ['auto', 'As the system', IconSunMoon],
          ] as const
        ).map(([scheme, label, Icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={colorScheme === scheme ? '✓' : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <MenuLink to="/settings/$section" params={{ section: 'profile' }} leftSection={<IconSettings size={16} aria-hidden />}>
          Profile
        </MenuLink>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
