// The session: an access token in memory, and a refresh token in a cookie that no script can read.
//
// A refresh token is good once, and one that comes back ends the session. So refreshes of all tabs wait for one another
// (a lock of the browser), and each takes the cookie that the one before has left.
import { dropDrafts } from '../lib/draft';
import type { OrganizationView, Problem, SignedIn, UserView } from './schema';

export interface Session {
  user: UserView;
  organization: OrganizationView;
}

type Listener = () => void;

/** Seconds before its end at which an access token is renewed. */
const MARGIN = 30;

/** Remembers, without the secret, that there may be a session: whoever never signed in is not asked for one. */
const MARK = 'dundun-signed-in';

/** Says that this client keeps its refresh token in a cookie, and keeps other sites' forms out: they cannot send it. */
export const COOKIE_HEADER = { 'X-Session': 'cookie' };

let access: { token: string; until: number } | null = null;
let current: Session | null = null;
let last: Session | null = null;
let running: Promise<boolean> | null = null;
const listeners = new Set<Listener>();
const channel = new BroadcastChannel('dundun-session');

channel.onmessage = () => {
  dropDrafts();
  end();
};

function tell() {
  listeners.forEach((listener) => listener());
}

export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Who is signed in, or null. */
export function session(): Session | null {
  return current;
}

/** Who is signed in, or was until now: for pages that are about to go. */
export function latest(): Session | null {
  return current ?? last;
}

/** Takes over what signing in or refreshing answered. */
export function begin(answer: SignedIn) {
  access = { token: answer.accessToken, until: Date.now() + (answer.expiresIn - MARGIN) * 1000 };
  current = { user: answer.user, organization: answer.organization };
  localStorage.setItem(MARK, 'yes');
  tell();
}

/** Shows a changed name or organization everywhere. */
export function update(change: Partial<Session>) {
  if (current) {
    current = { ...current, ...change };
    tell();
  }
}

function end() {
  access = null;
  last = current ?? last;
  current = null;
  localStorage.removeItem(MARK);
  tell();
}

/** Ends the session here, and in the other tabs; nothing half written stays for whoever comes next. */
export function leave() {
  dropDrafts();
  end();
  channel.postMessage('left');
}

async function post(path: string, token?: string): Promise<Response> {
  const headers: Record<string, string> = { ...COOKIE_HEADER };
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(path, { method: 'POST', headers, credentials: 'same-origin' });
}

async function exchange(): Promise<boolean> {
  const response = await post('/api/auth/refresh');
  if (response.ok) {
    begin((await response.json()) as SignedIn);
    return true;
  }
  // Only a clear no ends the session; a failure in between leaves it for the next try.
  if (response.status === 401 || response.status === 422) {
    end();
    return false;
  }
  throw (await response.json()) as Problem;
}

/** Renews the access token; false if there is no session to renew. */
export function refresh(): Promise<boolean> {
  if (!localStorage.getItem(MARK)) return Promise.resolve(false);
  if (running) return running;
  running = (async () => {
    try {
      return await navigator.locks.request('dundun-session', exchange);
    } finally {
      running = null;
    }
  })();
  return running;
}

/** An access token that holds, or null. */
export async function token(): Promise<string | null> {
  if (access && Date.now() < access.until) return access.token;
  if (!current) return null;
  return (await refresh()) ? (access?.token ?? null) : null;
}

/** Signs out: the session ends on the server too. */
export async function signOut() {
  const bearer = await token().catch(() => null);
  if (bearer) await post('/api/auth/logout', bearer).catch(() => undefined);
  leave();
}
