// What is half written outlives a reload, a lost session and another page. It is kept in this tab only, and goes when its
// writer signs out.

const PREFIX = 'dundun-draft:';

/** `of` tells drafts apart: `new`, or the id of what is being changed or answered. */
export function keepDraft(of: string, values: unknown) {
  sessionStorage.setItem(PREFIX + of, JSON.stringify(values));
}

export function keptDraft<T>(of: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + of) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

export function dropDraft(of: string) {
  sessionStorage.removeItem(PREFIX + of);
}

export function dropDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
