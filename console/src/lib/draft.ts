// A half-written message outlives a reload, a lost session and another page; it is kept in this tab only.

const KEY = 'dundun-draft';

export function keepDraft(values: unknown) {
  sessionStorage.setItem(KEY, JSON.stringify(values));
}

export function keptDraft<T extends object>(): Partial<T> | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Partial<T> | null;
  } catch {
    return null;
  }
}

export function dropDraft() {
  sessionStorage.removeItem(KEY);
}
