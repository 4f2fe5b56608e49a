// One theme, light and dark: clay for what one may do, ink for where one is, the colours of states in one place.
import {
  ActionIcon,
  Anchor,
  Badge,
  Button,
  Card,
  createTheme,
  Drawer,
  Modal,
  Notification,
  SegmentedControl,
  Table,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

const clay: MantineColorsTuple = [
  '#fdf2ec', '#f9e1d5', '#f2c4ae', '#eaa483', '#e28860', '#d8713f', '#c65a29', '#ad4b20', '#8d3c19', '#6c2e13',
];

const ink: MantineColorsTuple = [
  '#f6f2ef', '#e5dedb', '#c9beb8', '#a99a92', '#8a7970', '#6b5b53', '#4b3e38', '#362b26', '#261d19', '#1b1411',
];

/** Greys with the warmth of the clay. */
const gray: MantineColorsTuple = [
  '#faf8f6', '#f4f0ed', '#e9e4df', '#dcd5cf', '#c8bfb8', '#a79d95', '#7d736b', '#5a514a', '#3b342f', '#241f1b',
];

const dark: MantineColorsTuple = [
  '#d9d3ce', '#bdb5af', '#9a9189', '#736a63', '#46403b', '#37322e', '#2a2622', '#1f1c19', '#181513', '#110f0d',
];

/** A cross says nothing to those who do not see it. */
const CLOSE = { 'aria-label': 'Close' };

export const theme = createTheme({
  primaryColor: 'clay',
  primaryShade: 7,
  colors: { clay, ink, gray, dark },
  defaultRadius: 'md',
  fontFamily: '"Figtree Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.75rem', lineHeight: '1.2' }, h2: { fontSize: '1.2rem' }, h3: { fontSize: '1.02rem' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Anchor: Anchor.extend({ defaultProps: { underline: 'hover' } }),
    Badge: Badge.extend({ defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 550 } }),
    Button: Button.extend({ defaultProps: { fw: 600 } }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: CLOSE } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: CLOSE } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: CLOSE, centered: true, radius: 'lg', overlayProps: { backgroundOpacity: 0.4, blur: 2 } } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { radius: 'md' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 300 } }),
  },
});

/** Grounds, and greys that hold 4.5 : 1 on them. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#6b6159',
    '--mantine-color-placeholder': '#766c64',
    '--mantine-color-error': '#c22525',
    '--ground': '#faf7f4',
    '--line': '#e9e2dc',
    '--bubble': '#efe8e2',
    '--own': '#f9e1d5',
    '--mantine-color-default-border': '#d9d0c9',
  },
  dark: {
    '--mantine-color-body': '#1f1b18',
    '--mantine-color-dimmed': '#aaa098',
    '--mantine-color-placeholder': '#9a9089',
    '--mantine-color-error': '#ff8f8a',
    '--ground': '#161311',
    '--line': '#342e29',
    '--bubble': '#37302b',
    '--own': '#54301f',
    '--mantine-color-default-border': '#463f39',
  },
});

/** States of messages, deliveries, imports and providers. A badge always says the state in words too. */
export const STATE_COLORS: Record<string, string> = {
  DRAFT: 'gray',
  SCHEDULED: 'indigo',
  PENDING: 'gray',
  SENDING: 'blue',
  PAUSED: 'orange',
  SENT: 'blue',
  DELIVERED: 'teal',
  READ: 'green',
  FAILED: 'red',
  SKIPPED: 'grape',
  UNKNOWN: 'yellow',
  CANCELLED: 'gray',
  AWAITING_UPLOAD: 'gray',
  PARSING: 'blue',
  READY: 'indigo',
  COMMITTING: 'blue',
  DONE: 'teal',
  VALID: 'teal',
  INVALID: 'red',
  DUPLICATE: 'orange',
  HEALTHY: 'teal',
  DEGRADED: 'orange',
  FAILING: 'red',
  NOT_READY: 'orange',
  INACTIVE: 'gray',
  ACTIVE: 'teal',
  INVITED: 'indigo',
  DISABLED: 'red',
  KEPT: 'gray',
  WAITING: 'orange',
  APPROVED: 'teal',
  GOOD: 'teal',
  MISSING: 'red',
  WRONG: 'orange',
  UNCHECKED: 'gray',
  REJECTED: 'red',
};
