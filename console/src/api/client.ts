// The API client: every call is typed by openapi.json, carries the access token, and is tried once more with a fresh one.
import { keepPreviousData, MutationCache, QueryClient } from '@tanstack/react-query';
import createFetchClient from 'openapi-fetch';
import createClient from 'openapi-react-query';
import type { paths } from './schema';
import { isProblem, showDone, showProblem } from './problem';
import * as session from './session';

async function authorized(request: Request): Promise<Response> {
  const bearer = await session.token();
  if (!bearer) return fetch(request);
  const again = request.clone();
  request.headers.set('Authorization', `Bearer ${bearer}`);
  const response = await fetch(request);
  if (response.status !== 401 || !(await session.refresh())) return response;
  again.headers.set('Authorization', `Bearer ${await session.token()}`);
  return fetch(again);
}

/** For calls outside of components; answers `{ data, error }`. */
export const fetcher = createFetchClient<paths>({ fetch: authorized, headers: session.COOKIE_HEADER });

/** Hooks: `api.useQuery('get', '/api/groups')`. */
export const api = createClient(fetcher);

/** For mutations whose form shows what is wrong on its fields. */
export const SHOWN = { meta: { shown: true } };

/** For lists: the page before stays until the next one is there. */
export const KEEP = { placeholderData: keepPreviousData };

declare module '@tanstack/react-query' {
  interface Register {
    mutationMeta: { shown?: boolean };
  }
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 2 && !(isProblem(error) && error.status < 500 && error.status !== 429),
    },
    mutations: { retry: false },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (!mutation.meta?.shown) showProblem(error);
    },
  }),
});

/** Everything that may have changed is read again when it is next looked at. */
export function changed(...prefixes: string[]) {
  return queries.invalidateQueries({
    predicate: ({ queryKey }) =>
      typeof queryKey[1] === 'string' && prefixes.some((prefix) => (queryKey[1] as string).startsWith(`/api/${prefix}`)),
  });
}

/** For mutations: says that it is done, and has what changed with it read again. */
export function after(text: string | null, ...prefixes: string[]) {
  return {
    onSuccess: () => {
      if (text) showDone(text);
      return changed(...prefixes);
    },
  };
}

/** The data of a call, or its problem as an exception. */
export async function data<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await call;
  if (error !== undefined) throw error;
  return data as T;
}

/** A file that the API answers with, or links to, is kept. */
export async function download(path: string, name: string) {
  const response = await authorized(new Request(path));
  if (!response.ok) throw await response.json();
  const link = document.createElement('a');
  if (response.headers.get('content-type')?.startsWith('application/json')) {
    link.href = ((await response.json()) as { url: string }).url;
  } else {
    link.href = URL.createObjectURL(await response.blob());
  }
  const given = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  link.download = given ?? name;
  link.click();
  URL.revokeObjectURL(link.href);
}
