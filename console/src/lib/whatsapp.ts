// WhatsApp templates: what a message fills in, and how it then reads. The rules are in shared/domain/src/whatsapp.
import type { WhatsAppTemplateComponents as Components, WhatsAppTemplateParameters as Parameters } from '../api/schema';

/** Nothing given. */
export const NO_PARAMETERS: Parameters = { header: [], body: [], buttons: [] };

type Part = 'header' | 'body' | 'buttons';

/** One thing that a message gives. */
export interface Blank {
  part: Part;
  /** Its place in the list of its part. */
  index: number;
  label: string;
}

const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

/** The names of a text's placeholders, in the order in which they first come. */
export function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name))];
}

/** Everything that a message has to give, part by part. */
export function blanks({ header, body, buttons }: Pick<Components, 'header' | 'body' | 'buttons'>): Blank[] {
  const found: Omit<Blank, 'index'>[] = [];
  if (header?.type === 'TEXT') placeholders(header.text ?? '').forEach((name) => found.push({ part: 'header', label: `Heading, {{${name}}}` }));
  else if (header?.url) placeholders(header.url).forEach((name) => found.push({ part: 'header', label: `Address of the ${header.type.toLowerCase()}, {{${name}}}` }));
  else if (header) found.push({ part: 'header', label: `Public address of the ${header.type.toLowerCase()}` });
  placeholders(body).forEach((name) => found.push({ part: 'body', label: `{{${name}}}` }));
  for (const button of buttons) {
    if (button.type === 'URL') placeholders(button.url ?? '').forEach((name) => found.push({ part: 'buttons', label: `Button “${button.text}”, {{${name}}}` }));
    if (button.type === 'COPY_CODE') found.push({ part: 'buttons', label: `Code of “${button.text}”` });
  }
  return found.map((one, at) => ({ ...one, index: found.slice(0, at).filter(({ part }) => part === one.part).length }));
}

/** What the API is given, with as many values as there are blanks. */
export function parametersOf(all: Blank[], given: Parameters): Parameters {
  const of = (part: Part) => all.filter((one) => one.part === part).map(({ index }) => given[part][index] ?? '');
  return { header: of('header'), body: of('body'), buttons: of('buttons') };
}

/** The text with its placeholders filled; those that have no value stay. */
export function filled({ header, body, footer }: Components, given: Parameters): string {
  const fill = (text: string, values: string[]) => {
    const names = placeholders(text);
    return text.replace(PLACEHOLDER, (whole, name: string) => values[names.indexOf(name)] || whole);
  };
  return [header?.type === 'TEXT' && fill(header.text ?? '', given.header), fill(body, given.body), footer].filter(Boolean).join('\n\n');
}
