// One webhook endpoint: how it is, its secret, a test, and what was sent to it in the last week.
import { Alert, Button, Menu, Text } from '@mantine/core';
import { IconChevronDown, IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconRefresh, IconSend, IconWebhook } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { after, api, changed, KEEP } from '../api/client';
import { showDone } from '../api/problem';
import type { AttemptStatus, WebhookAttempt, WebhookEndpoint } from '../api/schema';
import { useMay } from '../app/useSession';
import { actionColumn, column, Dim, Named, whenColumn } from '../components/columns';
import { confirm, DangerButton } from '../components/confirm';
import { DataTable } from '../components/DataTable';
import { Dialog } from '../components/Dialog';
import { Choice, useFilters } from '../components/filters';
import { ShownOnce } from '../components/forms';
import { Page } from '../components/Page';
import { Facts, Part, Section } from '../components/Section';
import { Empty, Shown } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { endpointState, EVENTS, SECRET_ABOUT, WebhookForm } from '../components/WebhookForm';
import { dateTime, number, options } from '../lib/format';
import { usePaging } from '../lib/paging';

const STATES = options(['DELIVERED', 'WAITING', 'FAILED'] satisfies AttemptStatus[]);

/** How often the list of attempts is read again: what waits is tried by itself. */
const LOOK = 10_000;

export default function Webhook() {
  const { id } = useParams({ from: '/inside/webhooks/$id' });
  const query = api.useQuery('get', '/api/webhook-endpoints/{id}', { params: { path: { id } } }, { refetchInterval: LOOK });
  return (
    <Shown query={query}>
      {(endpoint) => (
        <Page
          title={endpoint.description ?? new URL(endpoint.url).host}
          badge={<StateBadge state={endpointState(endpoint)} size="lg" />}
          about={endpoint.url}
          back={{ to: '/webhooks', label: 'Webhooks' }}
          actions={<Actions endpoint={endpoint} />}
        >
          {endpoint.disabledAt ? (
            <Alert color="red" title={`Disabled ${dateTime(endpoint.disabledAt)}`}>
              {endpoint.disabledReason} Put it right and switch it on again: what waits for it then goes out.
            </Alert>
          ) : (
            endpoint.failingSince && (
              <Alert color="orange" title={`All calls fail since ${dateTime(endpoint.failingSince)}`}>
                {endpoint.lastError} ({dateTime(endpoint.lastErrorAt)})
              </Alert>
            )
          )}
          <Section title="Set up">
            <Facts
              rows={[
                ['It is told', endpoint.events.length ? endpoint.events.map((event) => EVENTS[event]).join(', ') : 'everything'],
                ['Signed by', endpoint.previousSecretUntil ? `two secrets, until ${dateTime(endpoint.previousSecretUntil)}` : 'its secret (Standard Webhooks)'],
                ['Made', dateTime(endpoint.createdAt)],
              ]}
            />
          </Section>
          <Attempts endpoint={endpoint} />
        </Page>
      )}
    </Shown>
  );
}

function Actions({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { id, isActive } = endpoint;
  const navigate = useNavigate();
  const admin = useMay('ADMIN');
  const [editing, setEditing] = useState(false);
  const path = { params: { path: { id } } };
  const test = api.useMutation('post', '/api/webhook-endpoints/{id}/test', after(null, 'webhook-endpoints'));
  const rotate = api.useMutation('post', '/api/webhook-endpoints/{id}/rotate-secret', after(null, 'webhook-endpoints'));
  const save = api.useMutation('put', '/api/webhook-endpoints/{id}', after(isActive ? 'It gets no more events.' : 'It gets events again.', 'webhook-endpoints', 'alerts'));
  const remove = api.useMutation('delete', '/api/webhook-endpoints/{id}', {
    onSuccess: async () => {
      showDone('The endpoint is removed.');
      await navigate({ to: '/webhooks' });
      void changed('webhook-endpoints');
    },
  });
  if (!admin) return null;
  const on = !isActive || !!endpoint.disabledAt;
  return (
    <>
      <DangerButton title="Remove this endpoint?" text="Events that wait for it are not sent any more." label="Remove it" onConfirm={() => remove.mutate(path)}>
        Remove
      </DangerButton>
      <Menu>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />} loading={save.isPending || rotate.isPending}>
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(true)}>
            Address and events
          </Menu.Item>
          <Menu.Item
            leftSection={<IconKey size={16} aria-hidden />}
            onClick={() => confirm('Change the secret?', 'For 24 hours calls are signed by both, so that your program can follow in peace.', 'Change it', () => rotate.mutate(path))}
          >
            Change the secret
          </Menu.Item>
          <Menu.Item
            leftSection={on ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />}
            onClick={() => save.mutate({ ...path, body: { isActive: on } })}
          >
            {on ? 'Switch it on' : 'Switch it off'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button leftSection={<IconSend size={16} aria-hidden />} loading={test.isPending} onClick={() => test.mutate(path)}>
        Test
      </Button>
      {test.data && <Tested attempt={test.data} onClose={test.reset} />}
      {rotate.data && (
        <Dialog onClose={rotate.reset} title="The new secret">
          <ShownOnce label="Secret" value={rotate.data.secret ?? ''} about={SECRET_ABOUT} onClose={rotate.reset} />
        </Dialog>
      )}
      {editing && <WebhookForm endpoint={endpoint} onClose={() => setEditing(false)} />}
    </>
  );
}

function Tested({ attempt, onClose }: { attempt: WebhookAttempt; onClose: () => void }) {
  const ok = attempt.status === 'DELIVERED';
  return (
    <Dialog onClose={onClose} title="Test">
      <Alert color={ok ? 'teal' : 'red'} title={ok ? 'The endpoint took it' : 'The endpoint did not take it'} role="status">
        {attempt.error ?? `It answered ${attempt.responseStatus} after ${number(attempt.durationMs)} ms.`}
      </Alert>
    </Dialog>
  );
}

function Attempts({ endpoint: { id } }: { endpoint: WebhookEndpoint }) {
  const {
    filters: { status },
    change,
  } = useFilters();
  const admin = useMay('ADMIN');
  const paging = usePaging([id, status]);
  const query = api.useQuery(
    'get',
    '/api/webhook-endpoints/{id}/attempts',
    { params: { path: { id }, query: { status: status as AttemptStatus | undefined, limit: 25, cursor: paging.cursor } } },
    { ...KEEP, refetchInterval: LOOK },
  );
  const replay = api.useMutation('post', '/api/webhook-endpoints/{id}/attempts/{attemptId}/replay', after('It is sent again.', 'webhook-endpoints'));
  return (
    <Part title="Attempts" aside={<Choice label="Which attempts" value={status} onChange={(value) => change({ status: value })} data={STATES} />}>
      <DataTable<WebhookAttempt>
        label="Attempts"
        query={query}
        paging={paging}
        columns={[
          column('Event', ({ event, subject }) => <Named note={subject && <span className="code">{subject}</span>}>{EVENTS[event]}</Named>),
          column('State', ({ status, error }) => (
            <>
              <StateBadge state={status} />
              {error && <Dim size="xs">{error}</Dim>}
            </>
          )),
          column('Tries', ({ tries, responseStatus, durationMs }) => (
            <>
              <Text size="sm">{number(tries)}</Text>
              <Dim size="xs">{[responseStatus, durationMs != null && `${number(durationMs)} ms`].filter(Boolean).join(' · ')}</Dim>
            </>
          ), { wide: true }),
          whenColumn('Happened', ({ occurredAt }) => occurredAt),
          column('Next try', ({ nextTryAt }) => <Dim nowrap>{dateTime(nextTryAt)}</Dim>, { wide: true }),
          actionColumn(({ id: attemptId, event }) =>
            admin && event !== 'webhook.test' ? (
              <Button
                size="compact-xs"
                variant="subtle"
                leftSection={<IconRefresh size={13} aria-hidden />}
                loading={replay.isPending && replay.variables?.params.path.attemptId === attemptId}
                onClick={() => replay.mutate({ params: { path: { id, attemptId } } })}
              >
                Replay
              </Button>
            ) : null,
          ),
        ]}
        empty={
          <Empty icon={IconWebhook} title={status ? 'No such attempts' : 'Nothing was sent to it yet'}>
            {status ? undefined : 'What happens from now on is told within a minute, and shows here for seven days.'}
          </Empty>
        }
      />
    </Part>
  );
}
