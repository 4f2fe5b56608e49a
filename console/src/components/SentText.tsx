// A text that was or will be sent: as a bubble, or, where it is HTML, as the mail that it makes.
import { Text } from '@mantine/core';
import { api } from '../api/client';
import type { Channel } from '../api/schema';
import { MailFrame } from './MailFrame';

export function SentText({ channel, subject, body }: { channel: Channel; subject?: string | null; body: string }) {
  const html = channel === 'EMAIL' && body.trimStart().startsWith('<');
  const query = api.useQuery('post', '/api/templates/preview', { body: { channel, subject, body } }, { enabled: html, staleTime: Infinity, retry: false });
  if (query.data?.renderedHtml != null) return <MailFrame subject={subject} html={query.data.renderedHtml} />;
  // What cannot be shown so is shown as it is written.
  return (
    <>
      {subject && (
        <Text fw={600} mb="xs">
          {subject}
        </Text>
      )}
      <div className="bubble">{body}</div>
    </>
  );
}
