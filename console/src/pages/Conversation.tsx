// One conversation: what was said by both sides, and a reply.
import { Alert, Anchor, Badge, Button, Card, Group, Loader, Stack, Text, Textarea } from '@mantine/core';
import { IconAddressBook, IconMessages, IconSend, IconUserPlus } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { Fragment, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { api, changed, SHOWN } from '../api/client';
import { isProblem, sentence } from '../api/problem';
import type { Conversation as Talk, ConversationMessage, Keyword } from '../api/schema';
import { useMay } from '../app/useSession';
import { ContactForm } from '../components/ContactForm';
import { DeliveryDrawer } from '../components/DeliveryDrawer';
import { AnchorLink, ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { StateBadge } from '../components/StateBadge';
import { Empty, Shown } from '../components/states';
import { useSendOnce } from '../components/useSendOnce';
import { Counter } from '../components/VariableTextarea';
import { dropDraft, keepDraft, keptDraft } from '../lib/draft';
import { CHANNELS, dateTime, dayOf, longDay, time } from '../lib/format';

const KEYWORDS: Record<Keyword, string> = { STOP: 'Opted out', START: 'Opted in again', HELP: 'Asked for help', YES: 'Confirmed' };

/** How often it is looked for something new. */
const LOOK = 5_000;

export default function Conversation() {
  const { id } = useParams({ from: '/inside/conversations/$id' });
  const may = useMay('MEMBER');
  const [adding, setAdding] = useState(false);
  const query = api.useQuery('get', '/api/conversations/{id}', { params: { path: { id } } }, { refetchInterval: LOOK });
  return (
    <Shown query={query}>
      {(talk) => (
        <Page
          title={talk.contactName ?? talk.address}
          badge={<Badge color="gray">{CHANNELS[talk.channel]}</Badge>}
          about={talk.contactName ? talk.address : 'Not among your contacts'}
          back={{ to: '/conversations', label: 'Conversations' }}
          actions={
            talk.contactId ? (
              <ButtonLink variant="default" leftSection={<IconAddressBook size={16} aria-hidden />} to="/contacts/$id" params={{ id: talk.contactId }}>
                Contact
              </ButtonLink>
            ) : (
              may && (
                <Button variant="default" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
                  Add to contacts
                </Button>
              )
            )
          }
        >
          <Card className="talk" padding={0}>
            <Thread key={talk.id} talk={talk} />
            {may && <Reply key={`${talk.id} reply`} talk={talk} />}
          </Card>
          {adding && <ContactForm address={talk.address} onClose={() => setAdding(false)} />}
        </Page>
      )}
    </Shown>
  );
}

function Thread({ talk }: { talk: Talk }) {
  const [delivery, setDelivery] = useState<string>();
  const log = useRef<HTMLDivElement>(null);
  // The first page has the cursor null, which is not sent: for none at all the library would send 0.
  const query = api.useInfiniteQuery(
    'get',
    '/api/conversations/{id}/messages',
    { params: { path: { id: talk.id }, query: { limit: 25 } } },
    { pageParamName: 'cursor', initialPageParam: null, getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined, refetchInterval: LOOK },
  );
  const said = (query.data?.pages ?? []).flatMap(({ data }) => data).reverse();
  const [oldest, newest] = [said[0]?.id, said.at(-1)?.id];

  // The newest is in view when it comes; what is read stays where it is while older ones are put above it.
  const before = useRef<{ newest?: string; oldest?: string; height: number }>({ height: 0 });
  useLayoutEffect(() => {
    const node = log.current;
    if (!node) return;
    const last = before.current;
    if (newest !== last.newest) node.scrollTop = node.scrollHeight;
    else if (oldest !== last.oldest) node.scrollTop += node.scrollHeight - last.height;
    before.current = { newest, oldest, height: node.scrollHeight };
  }, [newest, oldest]);

  // Whoever came by a link goes on reading here.
  useEffect(() => {
    const at = document.activeElement;
    if (at === document.body || at?.id === 'main') log.current?.focus({ preventScroll: true });
  }, []);

  return (
    <>
      {/* Scrolled by keyboard too, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="talk-log" role="log" aria-label="What was said" tabIndex={0} data-focus ref={log}>
        <Shown query={query} lines={5}>
          {() => (
            <>
              {query.hasNextPage && (
                <Button variant="subtle" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} style={{ alignSelf: 'center' }}>
                  Earlier
                </Button>
              )}
              {said.length === 0 && <Empty icon={IconMessages} title="Nothing was said yet" />}
              {said.map((one, index) => (
                <Fragment key={one.id}>
                  {dayOf(one.at) !== (said[index - 1] && dayOf(said[index - 1]!.at)) && (
                    <Text size="xs" c="dimmed" ta="center" fw={600}>
                      {longDay(dayOf(one.at))}
                    </Text>
                  )}
                  <Said one={one} onOpen={setDelivery} />
                </Fragment>
              ))}
            </>
          )}
        </Shown>
      </div>
      <DeliveryDrawer id={delivery} onClose={() => setDelivery(undefined)} />
    </>
  );
}

function Said({ one, onOpen }: { one: ConversationMessage; onOpen: (delivery: string) => void }) {
  const own = one.direction === 'OUT';
  return (
    <div className="said" data-own={own || undefined}>
      <div className="bubble">{one.body}</div>
      <Group gap={6}>
        <Text size="xs" c="dimmed">
          {own ? 'You' : 'They'}, {time(one.at)}
        </Text>
        {one.keyword && (
          <Badge size="xs" color={one.keyword === 'STOP' ? 'red' : 'indigo'}>
            {KEYWORDS[one.keyword]}
          </Badge>
        )}
        {one.status && (
          <Anchor component="button" type="button" onClick={() => onOpen(one.id)} aria-label={`Delivery of ${time(one.at)}`}>
            <StateBadge state={one.status} size="xs" />
          </Anchor>
        )}
      </Group>
    </div>
  );
}

function Reply({ talk }: { talk: Talk }) {
  const [body, setBody] = useState(() => keptDraft<string>(talk.id) ?? '');
  const once = useSendOnce();
  const write = (text: string) => {
    setBody(text);
    keepDraft(talk.id, text);
  };
  const reply = api.useMutation('post', '/api/conversations/{id}/messages', {
    ...SHOWN,
    onSuccess: () => {
      write('');
      dropDraft(talk.id);
      once.sent();
      return changed('conversations', 'messages', 'dashboard');
    },
    onError: once.refused,
  });
  const ready = body.trim() !== '' && !reply.isPending;
  const send = () => {
    if (ready) reply.mutate({ params: { path: { id: talk.id }, header: once.header }, body: { body } });
  };
  const sendByKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  if (!talk.isOpen) return <Closed talk={talk} />;
  const own = isProblem(reply.error) ? reply.error.errors?.find(({ pointer }) => pointer === '/body') : undefined;
  return (
    <form
      className="talk-reply"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="xs">
        {reply.error && !own && <Refused talk={talk} error={reply.error} />}
        <Textarea
          label="Your answer"
          description={talk.windowEndsAt ? `Free text is taken until ${dateTime(talk.windowEndsAt)}` : undefined}
          error={own?.detail}
          autosize
          minRows={2}
          maxRows={8}
          value={body}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={sendByKey}
        />
        <Group justify="space-between" align="flex-start">
          {talk.channel === 'SMS' ? (
            <Counter text={body} />
          ) : (
            <AnchorLink size="sm" to="/messages/new" search={{ to: talk.contactId ?? talk.address, channel: talk.channel }}>
              {talk.channel === 'WHATSAPP' ? 'Send a template instead' : 'Write with a subject'}
            </AnchorLink>
          )}
          <Button type="submit" disabled={!ready} leftSection={reply.isPending ? <Loader size={14} /> : <IconSend size={16} aria-hidden />} title="Ctrl + Enter">
            Send
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Why a reply was not taken, and what can be done about it. */
function Refused({ talk, error }: { talk: Talk; error: unknown }) {
  const suppressed = isProblem(error) && error.code === 'recipient_suppressed';
  return (
    <Alert color="red" title="It was not sent" role="alert">
      {sentence(error)}{' '}
      {suppressed && (
        <AnchorLink to="/suppressions" search={{ search: talk.address }} underline="always">
          The list
        </AnchorLink>
      )}
    </Alert>
  );
}

/** In place of the reply, where free text is not let through. */
function Closed({ talk }: { talk: Talk }) {
  return (
    <div className="talk-reply">
      <Alert color="orange" title="Free text is not taken any more">
        <Text size="sm" mb="sm">
          WhatsApp lets it through within 24 hours of their last message{talk.lastInboundAt ? `, which came ${dateTime(talk.lastInboundAt)}` : ''}. Send a template, or write by SMS.
        </Text>
        <Group gap="xs">
          <ButtonLink size="xs" to="/messages/new" search={{ to: talk.contactId ?? talk.address, channel: 'WHATSAPP' }}>
            Send a template
          </ButtonLink>
          <ButtonLink size="xs" variant="default" to="/messages/new" search={{ to: talk.contactId ?? talk.address, channel: 'SMS' }}>
            Write by SMS
          </ButtonLink>
        </Group>
      </Alert>
    </div>
  );
}
