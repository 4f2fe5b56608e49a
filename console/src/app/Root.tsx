// What every page has: a title for the tab, and the way out when the session ends.
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { queries } from '../api/client';
import { session, subscribe } from '../api/session';

export function Root() {
  const router = useRouter();
  useEffect(
    () =>
      subscribe(() => {
        if (session()) return;
        queries.clear();
        void router.invalidate();
      }),
    [router],
  );
  return <Outlet />;
}
