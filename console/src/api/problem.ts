// Problems (RFC 9457) of the API: shown on the field they name, else as a notification.
import { notifications } from '@mantine/notifications';
import { capital } from '../lib/format';
import type { Problem } from './schema';

export function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'status' in error;
}

/** One sentence for people. */
export function sentence(error: unknown): string {
  if (isProblem(error)) {
    if (error.status === 403) return error.detail || 'Your role does not allow this.';
    const [first] = error.errors ?? [];
    return first && first.detail !== error.detail && !error.detail.includes(first.detail)
      ? `${error.detail} ${capital(first.detail)}`
      : capital(error.detail);
  }
  if (error instanceof TypeError) return 'The server cannot be reached. Check the connection and try again.';
  return error instanceof Error ? error.message : 'Something went wrong.';
}

export function showProblem(error: unknown, title = 'That did not work') {
  notifications.show({ color: 'red', title, message: sentence(error), autoClose: 8000 });
}

export function showDone(message: string) {
  notifications.show({ color: 'teal', message });
}

/** `/credentials/apiKey` is the field `credentials.apiKey` of a form. */
export function path(pointer: string): string {
  return pointer
    .replace(/^[/?]/, '')
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

interface Fields {
  setErrors: (errors: Record<string, string>) => void;
  getInputNode: (path: string) => HTMLElement | null;
  getInitialValues: () => object;
}

/**
 * Puts each violation on the field it names and moves the focus to the first. What names no field of the form is shown as
 * a notification. `names` maps pointers, and codes of problems that name none, to fields; a violation within a field that
 * is one input (`/tags/0` where it has `tags: 'tags'`) says where in it.
 */
export function onFields(form: Fields, names: Record<string, string> = {}) {
  const known = Object.keys(form.getInitialValues());
  return (error: unknown) => {
    const own = isProblem(error) ? names[error.code] : undefined;
    const violations = isProblem(error) ? (own ? [{ pointer: `/${own}`, detail: error.detail }] : (error.errors ?? [])) : [];
    const errors: Record<string, string> = {};
    let homeless = violations.length === 0;
    for (const { pointer, detail } of violations) {
      const at = path(pointer);
      const [first = '', ...rest] = at.split('.');
      const within = names[at] === undefined && names[first] !== undefined && rest.length > 0;
      const field = names[at] ?? names[first] ?? at;
      if (known.some((name) => field === name || field.startsWith(`${name}.`))) errors[field] ??= within ? `${rest.join('.')}: ${detail}` : capital(detail);
      else homeless = true;
    }
    form.setErrors(errors);
    const [shown] = Object.keys(errors);
    if (shown) form.getInputNode(shown)?.focus();
    if (homeless) showProblem(error);
  };
}
