// How often to look again at work that is under way: soon at first, then ever more seldom, as long as it lasts.

const FIRST = 700;
const MOST = 8_000;

/** For `refetchInterval`: `under way` decides whether to look again. Starts anew when something has changed. */
export function backingOff<T>(underWay: (data: T) => boolean, sign: (data: T) => unknown) {
  let last: unknown;
  let wait = FIRST;
  return (query: { state: { data: T | undefined } }): number | false => {
    const data = query.state.data;
    if (data === undefined || !underWay(data)) return false;
    const now = JSON.stringify(sign(data));
    wait = now === last ? Math.min(wait * 1.5, MOST) : FIRST;
    last = now;
    return wait;
  };
}
