// Smart replacement of look-alike characters, as `shared/domain/src/smart.rs` does it: by the same table, and held to
// shared/domain/cases/smart.json.
import table from '../../../shared/domain/tables/look-alikes.json';
import { beyondGsm, segments } from './segments';

const LOOK_ALIKES = new Map(Object.entries(table).flatMap(([to, from]) => [...from].map((letter): [string, string] => [letter, to])));

const isGsm = (text: string) => beyondGsm(text).length === 0;

/** The text in the GSM alphabet; null: it is sent as it is. */
export function smart(text: string): string | null {
  if (isGsm(text)) return null;
  let replaced = '';
  for (const letter of text.normalize('NFC')) {
    // An accented letter that the alphabet lacks loses its accents.
    const like = isGsm(letter) ? letter : (LOOK_ALIKES.get(letter) ?? letter.normalize('NFD').replace(/\p{M}/gu, ''));
    if (!isGsm(like)) return null;
    replaced += like;
  }
  return segments(replaced).segments <= segments(text).segments ? replaced : null;
}
