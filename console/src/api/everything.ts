// All of a list, for pickers.

/** Beyond so many a picker is of no use. */
const MOST = 1_000;

interface Page<T> {
  data: T[];
  nextCursor?: string | null;
}

/** Page after page; `page` asks for the one behind a cursor. */
export async function everything<T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const { data, nextCursor } = await page(cursor);
    all.push(...data);
    cursor = nextCursor ?? undefined;
  } while (cursor && all.length < MOST);
  return all;
}
