// A short list of messages: what they are called, whom they go to, how far they are, and when.
import { Table } from '@mantine/core';
import type { Message } from '../api/schema';
import { counted } from '../lib/format';
import { Dim } from './columns';
import { AnchorLink } from './links';
import { StateBadge } from './StateBadge';

export function MessageTable({ label, messages, when }: { label: string; messages: Message[]; when: (message: Message) => string }) {
  return (
    <Table aria-label={label}>
      <Table.Tbody>
        {messages.map((message) => (
          <Table.Tr key={message.id}>
            <Table.Td>
              <AnchorLink to="/messages/$id" params={{ id: message.id }} c="inherit" fw={600} size="sm" lineClamp={1}>
                {message.title}
              </AnchorLink>
            </Table.Td>
            <Table.Td className="numeric" visibleFrom="sm">
              <Dim>
                {counted(message.recipientCount, 'recipient')}
              </Dim>
            </Table.Td>
            <Table.Td>
              <StateBadge state={message.status} />
            </Table.Td>
            <Table.Td className="numeric">
              <Dim>{when(message)}</Dim>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
