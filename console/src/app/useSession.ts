// The session as a hook, and what the signed-in person may do.
import { useSyncExternalStore } from 'react';
import { latest, subscribe, type Session } from '../api/session';
import type { UserView } from '../api/schema';

const ROLES = ['VIEWER', 'MEMBER', 'ADMIN', 'OWNER'] as const;

/** Who is signed in. Only pages that need a session may ask; they keep it through the moment of signing out. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, latest)!;
}

/** Whether the person has at least this role. What the API refuses is not offered. */
export function useMay(role: UserView['role']): boolean {
  const { user } = useSession();
  return ROLES.indexOf(user.role) >= ROLES.indexOf(role);
}
