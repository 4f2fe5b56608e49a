// Placeholders of a text: `{{name}}`, `{{attributes.City}}`, `{{name|friend}}`; the rules are in shared/domain/src/template.rs.

export interface Variable {
  name: string;
  hasDefault: boolean;
}

/** Fields of a contact, which need no value from whoever writes the message. */
export const CONTACT_FIELDS = ['name', 'phone', 'email'];

const PLACEHOLDER = /\{\{([^{}|]+)(\|[^{}]*)?\}\}/g;

function normal(name: string): string {
  const trimmed = name.trim();
  const lower = trimmed.toLowerCase();
  if (CONTACT_FIELDS.includes(lower)) return lower;
  return lower.startsWith('attributes.') ? `attributes.${trimmed.slice(11).trim()}` : trimmed;
}

/** The variables of a text in the order of their first use, each once. */
export function variables(text: string): Variable[] {
  const found = new Map<string, Variable>();
  for (const [, name = '', fallback] of text.matchAll(PLACEHOLDER)) {
    const variable = { name: normal(name), hasDefault: fallback !== undefined };
    const known = found.get(variable.name.toLowerCase());
    if (known) known.hasDefault &&= variable.hasDefault;
    else found.set(variable.name.toLowerCase(), variable);
  }
  return [...found.values()];
}

/** Those that the writer gives a value for: all that no contact has. */
export function ownVariables(text: string): Variable[] {
  return variables(text).filter(({ name }) => !CONTACT_FIELDS.includes(name) && !name.startsWith('attributes.'));
}

/** What is being typed behind an open `{{`, or null: where suggestions are due. */
export function openPlaceholder(text: string, caret: number): { from: number; typed: string } | null {
  const before = text.slice(0, caret);
  const open = before.lastIndexOf('{{');
  if (open < 0) return null;
  const typed = before.slice(open + 2);
  return /[{}|\n]/.test(typed) ? null : { from: open, typed: typed.trimStart() };
}

/** Puts `{{name}}` in place of what is open, or at the caret. */
export function insertVariable(text: string, caret: number, name: string): { text: string; caret: number } {
  const open = openPlaceholder(text, caret);
  const from = open?.from ?? caret;
  const rest = text.slice(caret).replace(/^\s*\}\}/, open ? '' : '$&');
  const placeholder = `{{${name}}}`;
  return { text: text.slice(0, from) + placeholder + rest, caret: from + placeholder.length };
}
