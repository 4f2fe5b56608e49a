// The areas of the console, as its navigation shows them.
import {
  IconAddressBook,
  IconBell,
  IconCalendar,
  IconDeviceMobileMessage,
  IconFileImport,
  IconHandStop,
  IconHeartbeat,
  IconHistory,
  IconLayoutDashboard,
  IconMessage2,
  IconMessages,
  IconPaperclip,
  IconPlugConnected,
  IconReceipt,
  IconRoute,
  IconSettings,
  IconTemplate,
  IconUsersGroup,
  IconWebhook,
  IconWorld,
} from '@tabler/icons-react';

export const AREAS = [
  { area: '', to: '/', label: 'Dashboard', icon: IconLayoutDashboard },
  { area: 'People', to: '/contacts', label: 'Contacts', icon: IconAddressBook },
  { area: 'People', to: '/groups', label: 'Groups', icon: IconUsersGroup },
  { area: 'People', to: '/imports', label: 'Import', icon: IconFileImport },
  { area: 'People', to: '/suppressions', label: 'Suppressions', icon: IconHandStop },
  { area: 'Messages', to: '/messages', label: 'Messages', icon: IconMessage2 },
  { area: 'Messages', to: '/messages/calendar', label: 'Calendar', icon: IconCalendar },
  { area: 'Messages', to: '/conversations', label: 'Conversations', icon: IconMessages },
  { area: 'Messages', to: '/templates', label: 'Templates', icon: IconTemplate },
  { area: 'Messages', to: '/media', label: 'Files', icon: IconPaperclip },
  { area: 'Messages', to: '/history', label: 'History', icon: IconHistory },
  { area: 'Sending', to: '/providers', label: 'Providers', icon: IconPlugConnected },
  { area: 'Sending', to: '/health', label: 'Health', icon: IconHeartbeat },
  { area: 'Sending', to: '/routing', label: 'Routing', icon: IconRoute },
  { area: 'Sending', to: '/prices', label: 'Prices', icon: IconReceipt },
  { area: 'Sending', to: '/domains', label: 'Domains', icon: IconWorld },
  { area: 'Sending', to: '/outbox', label: 'Sandbox outbox', icon: IconDeviceMobileMessage },
  { area: 'Set up', to: '/alerts', label: 'Alerts', icon: IconBell },
  { area: 'Set up', to: '/webhooks', label: 'Webhooks', icon: IconWebhook },
  { area: 'Set up', to: '/settings/$section', label: 'Settings', icon: IconSettings },
] as const;

/** The area that an address is in: that of the longest link which it begins with. */
export function active(path: string): string | undefined {
  const begins = ({ to }: { to: string }) => {
    const start = to.replace('/$section', '');
    return path === start || (start !== '/' && path.startsWith(`${start}/`));
  };
  return AREAS.filter(begins).sort((a, b) => b.to.length - a.to.length)[0]?.to;
}
