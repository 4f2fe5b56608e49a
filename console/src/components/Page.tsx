// The head of a page: its title, which the tab shows too, a line about it, and what one can do.
import { Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { AnchorLink } from './links';

interface Props {
  title: string;
  about?: ReactNode;
  badge?: ReactNode;
  actions?: ReactNode;
  back?: { to: '/alerts' | '/contacts' | '/conversations' | '/groups' | '/imports' | '/messages' | '/templates' | '/providers' | '/webhooks'; label: string };
  children?: ReactNode;
}

export function Page({ title, about, badge, actions, back, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Dundun`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Stack gap={6}>
        {back && (
          <Breadcrumbs fz="sm">
            <AnchorLink to={back.to} size="sm">
              {back.label}
            </AnchorLink>
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={4} miw={0} flex="1 1 320px">
            <Group gap="sm">
              <Title order={1} style={{ overflowWrap: 'anywhere' }}>
                {title}
              </Title>
              {badge}
            </Group>
            {about && (
              <Text c="dimmed" size="sm" component="div">
                {about}
              </Text>
            )}
          </Stack>
          {actions && (
            <Group gap="xs" className="actions">
              {actions}
            </Group>
          )}
        </Group>
      </Stack>
      {children}
    </Stack>
  );
}
