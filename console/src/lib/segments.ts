// SMS segments, as `shared/domain/src/segments.rs` counts them; both are held to shared/domain/cases/segments.json.

export interface Segments {
  encoding: 'GSM7' | 'UCS2';
  /** As Unicode counts them (an emoji may be several). */
  characters: number;
  /** What is counted against the limits. */
  units: number;
  segments: number;
  unitsPerSegment: number;
}

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà' +
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
);
const EXTENSION = new Set('\f^{}\\[~]|€');

function septets(letter: string): number | undefined {
  if (BASIC.has(letter)) return 1;
  return EXTENSION.has(letter) ? 2 : undefined;
}

/** How a text is sent. A character of two units is never split over two parts. */
export function segments(text: string): Segments {
  const letters = [...text];
  const encoding = letters.every((letter) => septets(letter) !== undefined) ? 'GSM7' : 'UCS2';
  const [single, multipart] = encoding === 'GSM7' ? [160, 153] : [70, 67];
  const sizes = letters.map((letter) => (encoding === 'GSM7' ? (septets(letter) ?? 1) : letter.length));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const characters = letters.length;
  if (units <= single) return { encoding, characters, units, segments: 1, unitsPerSegment: single };
  let parts = 1;
  let filled = 0;
  for (const size of sizes) {
    if (filled + size > multipart) {
      parts += 1;
      filled = 0;
    }
    filled += size;
  }
  return { encoding, characters, units, segments: parts, unitsPerSegment: multipart };
}

/** The characters that keep a text from the 7-bit alphabet, each once. */
export function beyondGsm(text: string): string[] {
  return [...new Set([...text].filter((letter) => septets(letter) === undefined))];
}
