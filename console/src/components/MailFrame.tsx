// A mail as its reader sees it, in a frame that runs nothing and loads nothing from elsewhere.
import { Box, Card, Group, Text } from '@mantine/core';

interface Props {
  /** Left out where it is not known. */
  subject?: string | null;
  /** The HTML part, as the server would send it. */
  html: string;
  from?: string | null;
  /** Where answers go, if not there. */
  replyTo?: string | null;
}

export function MailFrame({ subject, html, from, replyTo }: Props) {
  const head = [
    ['From', from],
    ['Answers to', replyTo],
  ].filter(([, value]) => value);
  return (
    <Card padding={0}>
      {subject != null && (
        <Box px="md" py="sm" style={{ borderBottom: '1px solid var(--line)' }}>
          <Text fw={650} style={{ overflowWrap: 'anywhere' }}>
            {subject || 'Without a subject'}
          </Text>
          {head.map(([label, value]) => (
            <Group key={label} gap={6} wrap="nowrap">
              <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                {label}
              </Text>
              <Text size="xs" truncate>
                {value}
              </Text>
            </Group>
          ))}
        </Box>
      )}
      {/* Without any permission: no script, no form, no way out of the frame. Pictures of other sites are kept out by the page's policy. */}
      <iframe className="mail" title="The mail" sandbox="" srcDoc={html} />
    </Card>
  );
}
