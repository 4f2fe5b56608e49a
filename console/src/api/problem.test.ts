import { beforeEach, expect, it, vi } from 'vitest';

const show = vi.hoisted(() => vi.fn());
vi.mock('@mantine/notifications', () => ({ notifications: { show } }));
const { onFields } = await import('./problem');

const problem = (code: string, errors: { pointer: string; code: string; detail: string }[] = []) => ({ type: '', title: '', status: 422, detail: 'No.', instance: 'r', code, errors });
const violation = (pointer: string) => ({ pointer, code: 'x', detail: `wrong ${pointer}` });

function form(values: object) {
  const shown: { errors: Record<string, string>; focused: string | null } = { errors: {}, focused: null };
  return {
    shown,
    setErrors: (errors: Record<string, string>) => void (shown.errors = errors),
    getInputNode: (path: string) => ({ focus: () => void (shown.focused = path) }) as HTMLElement,
    getInitialValues: () => values,
  };
}

beforeEach(() => show.mockClear());

it('puts problems on the fields that they name, and goes to the first', () => {
  const one = form({ phone: '', credentials: {} });
  onFields(one)(problem('invalid', [violation('/phone'), violation('/credentials/api~1key')]));
  expect(one.shown).toEqual({ errors: { phone: 'Wrong /phone', 'credentials.api/key': 'Wrong /credentials/api~1key' }, focused: 'phone' });
  expect(show).not.toHaveBeenCalled();
});

it('says where in a field that is one input', () => {
  const one = form({ settings: '' });
  onFields(one, { settings: 'settings' })(problem('invalid', [violation('/settings/request/url')]));
  expect(one.shown.errors).toEqual({ settings: 'request.url: wrong /settings/request/url' });
});

it('knows fields by the codes of problems that name none', () => {
  const one = form({ name: '' });
  onFields(one, { group_name_taken: 'name' })(problem('group_name_taken'));
  expect(one.shown).toEqual({ errors: { name: 'No.' }, focused: 'name' });
});

it('loses nothing that has no field', () => {
  const one = form({ name: '' });
  onFields(one)(problem('invalid', [violation('/name'), violation('/elsewhere')]));
  expect(one.shown.errors).toEqual({ name: 'Wrong /name' });
  expect(show).toHaveBeenCalledOnce();
  onFields(one)(new TypeError('network'));
  expect(show).toHaveBeenCalledTimes(2);
});
