// Every address of the console. A page's code is loaded when it is first opened, or when a link to it is touched.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { session } from '../api/session';
import { Failure, Missing } from '../components/states';
import { Root } from './Root';
import { Shell } from './Shell';

type Search = Record<string, unknown>;

/** What an address may say behind the question mark: texts by these names. */
const texts =
  <const N extends string>(...names: N[]) =>
  (search: Search) =>
    Object.fromEntries(names.map((name) => [name, typeof search[name] === 'string' ? search[name] : undefined])) as { [K in N]?: string };

const root = createRootRoute({ component: Root, notFoundComponent: Missing });

const outside = createRoute({
  getParentRoute: () => root,
  id: 'outside',
  beforeLoad: () => {
    if (session()) throw redirect({ to: '/' });
  },
});
const signIn = createRoute({
  getParentRoute: () => outside,
  path: '/sign-in',
  validateSearch: texts('next'),
  component: lazyRouteComponent(() => import('../pages/SignIn')),
});
const register = createRoute({ getParentRoute: () => outside, path: '/register', component: lazyRouteComponent(() => import('../pages/Register')) });
const acceptInvite = createRoute({ getParentRoute: () => root, path: '/accept-invite', component: lazyRouteComponent(() => import('../pages/AcceptInvite')) });

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: ({ location }) => {
    if (!session()) throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } });
  },
});

const within = () => inside;
const dashboard = createRoute({ getParentRoute: within, path: '/', component: lazyRouteComponent(() => import('../pages/Dashboard')) });
const contacts = createRoute({
  getParentRoute: within,
  path: '/contacts',
  validateSearch: texts('search', 'tag', 'groupId'),
  component: lazyRouteComponent(() => import('../pages/Contacts')),
});
const contact = createRoute({ getParentRoute: within, path: '/contacts/$id', component: lazyRouteComponent(() => import('../pages/Contact')) });
const groups = createRoute({ getParentRoute: within, path: '/groups', component: lazyRouteComponent(() => import('../pages/Groups')) });
const group = createRoute({ getParentRoute: within, path: '/groups/$id', component: lazyRouteComponent(() => import('../pages/Group')) });
const imports = createRoute({
  getParentRoute: within,
  path: '/imports',
  validateSearch: texts('groupId'),
  component: lazyRouteComponent(() => import('../pages/Imports')),
});
const importPage = createRoute({
  getParentRoute: within,
  path: '/imports/$id',
  validateSearch: texts('state'),
  component: lazyRouteComponent(() => import('../pages/Import')),
});
const suppressions = createRoute({
  getParentRoute: within,
  path: '/suppressions',
  validateSearch: texts('search', 'channel', 'reason'),
  component: lazyRouteComponent(() => import('../pages/Suppressions')),
});
const messages = createRoute({
  getParentRoute: within,
  path: '/messages',
  validateSearch: texts('status', 'channel', 'from', 'to'),
  component: lazyRouteComponent(() => import('../pages/Messages')),
});
const compose = createRoute({
  getParentRoute: within,
  path: '/messages/new',
  validateSearch: texts('to', 'templateId', 'edit', 'channel'),
  component: lazyRouteComponent(() => import('../pages/Compose')),
});
const calendar = createRoute({ getParentRoute: within, path: '/messages/calendar', component: lazyRouteComponent(() => import('../pages/ScheduleCalendar')) });
const message = createRoute({
  getParentRoute: within,
  path: '/messages/$id',
  validateSearch: texts('status'),
  component: lazyRouteComponent(() => import('../pages/Message')),
});
const conversations = createRoute({
  getParentRoute: within,
  path: '/conversations',
  validateSearch: texts('channel'),
  component: lazyRouteComponent(() => import('../pages/Conversations')),
});
const conversation = createRoute({ getParentRoute: within, path: '/conversations/$id', component: lazyRouteComponent(() => import('../pages/Conversation')) });
const templates = createRoute({ getParentRoute: within, path: '/templates', component: lazyRouteComponent(() => import('../pages/Templates')) });
const whatsappTemplates = createRoute({
  getParentRoute: within,
  path: '/templates/whatsapp',
  validateSearch: texts('providerId', 'status', 'category'),
  component: lazyRouteComponent(() => import('../pages/WhatsAppTemplates')),
});
const template = createRoute({ getParentRoute: within, path: '/templates/$id', component: lazyRouteComponent(() => import('../pages/Template')) });
const history = createRoute({
  getParentRoute: within,
  path: '/history',
  validateSearch: texts('status', 'recipient', 'messageId', 'providerId', 'from', 'to', 'delivery'),
  component: lazyRouteComponent(() => import('../pages/History')),
});
const providers = createRoute({ getParentRoute: within, path: '/providers', component: lazyRouteComponent(() => import('../pages/Providers')) });
const provider = createRoute({ getParentRoute: within, path: '/providers/$id', component: lazyRouteComponent(() => import('../pages/Provider')) });
const health = createRoute({ getParentRoute: within, path: '/health', component: lazyRouteComponent(() => import('../pages/Health')) });
const media = createRoute({ getParentRoute: within, path: '/media', component: lazyRouteComponent(() => import('../pages/Media')) });
const domains = createRoute({ getParentRoute: within, path: '/domains', component: lazyRouteComponent(() => import('../pages/Domains')) });
const routing = createRoute({ getParentRoute: within, path: '/routing', component: lazyRouteComponent(() => import('../pages/Routing')) });
const prices = createRoute({ getParentRoute: within, path: '/prices', validateSearch: texts('providerId'), component: lazyRouteComponent(() => import('../pages/Prices')) });
const webhooks = createRoute({ getParentRoute: within, path: '/webhooks', component: lazyRouteComponent(() => import('../pages/Webhooks')) });
const webhook = createRoute({
  getParentRoute: within,
  path: '/webhooks/$id',
  validateSearch: texts('status'),
  component: lazyRouteComponent(() => import('../pages/Webhook')),
});
const outbox = createRoute({ getParentRoute: within, path: '/outbox', component: lazyRouteComponent(() => import('../pages/Outbox')) });
const alerts = createRoute({ getParentRoute: within, path: '/alerts', component: lazyRouteComponent(() => import('../pages/Alerts')) });
const alertMails = createRoute({ getParentRoute: within, path: '/alerts/mails', component: lazyRouteComponent(() => import('../pages/AlertMails')) });
const settings = createRoute({ getParentRoute: within, path: '/settings/$section', component: lazyRouteComponent(() => import('../pages/Settings')) });

export const router = createRouter({
  routeTree: root.addChildren([
    outside.addChildren([signIn, register]),
    acceptInvite,
    inside.addChildren([
      dashboard,
      contacts,
      contact,
      groups,
      group,
      imports,
      importPage,
      suppressions,
      messages,
      compose,
      calendar,
      message,
      conversations,
      conversation,
      templates,
      whatsappTemplates,
      template,
      history,
      providers,
      provider,
      health,
      media,
      domains,
      routing,
      prices,
      outbox,
      webhooks,
      webhook,
      alerts,
      alertMails,
      settings,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
