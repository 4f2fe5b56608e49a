// Problems (RFC 9457) of the API: shown on the field they name, else as a notification.
import { notifications } from '@mantine/notifications';
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
      ? `${error.detail} ${first.detail}`
      : error.detail;
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
}

/**
 * Puts each violation on the field it names and moves the focus to the first. What names no field of `known` is shown as
 * a notification. `names` maps pointers to fields that are called otherwise.
 */
export function onFields(form: Fields, known: readonly string[], names: Record<string, string> = {}) {
  return (error: unknown) => {
    const violations = isProblem(error) ? (error.errors ?? []) : [];
    const errors: Record<string, string> = {};
    let homeless = violations.length === 0;
    for (const violation of violations) {
      const own = path(violation.pointer);
      const field = names[own] ?? names[own.split('.')[0] ?? ''] ?? own;
      const fits = known.some((name) => field === name || field.startsWith(`${name}.`));
      if (fits) errors[field] = violation.detail;
      else homeless = true;
    }
    form.setErrors(errors);
    const first = Object.keys(errors)[0];
    if (first) form.getInputNode(first)?.focus();
    if (homeless) showProblem(error);
  };
}
