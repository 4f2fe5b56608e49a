// Lines from the clipboard as contacts: whichever cell looks like a number is the phone, one with an @ the e-mail address.

export interface Pasted {
  name: string | null;
  phone: string | null;
  email: string | null;
}

const NUMBER = /^[+(]?[\d\s().\-/]{5,}$/;

export function parseLines(text: string): Pasted[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const cells = line.split(/[\t;,]/).map((cell) => cell.trim());
      const phone = cells.find((cell) => NUMBER.test(cell)) ?? null;
      const email = cells.find((cell) => cell.includes('@')) ?? null;
      const rest = cells.filter((cell) => cell && cell !== phone && cell !== email);
      // Without anything that looks like an address the server says what is wrong with the second cell.
      if (!phone && !email) return { name: rest[0] ?? null, phone: rest[1] ?? null, email: null };
      return { name: rest[0] ?? null, phone, email };
    });
}
