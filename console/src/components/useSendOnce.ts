// A key for requests that send: the same until it is known what became of the last try, so that nobody is texted twice
// because an answer was lost on its way.
import { useState } from 'react';
import { isProblem } from '../api/problem';

export function useSendOnce() {
  const [key, setKey] = useState(() => crypto.randomUUID());
  return {
    header: { 'Idempotency-Key': key },
    /** The next one is another message. */
    sent: () => setKey(crypto.randomUUID()),
    /** A clear no is the end of a try; without an answer the next try is the same message. */
    refused: (error: unknown) => {
      if (isProblem(error) && error.status < 500 && error.status !== 409) setKey(crypto.randomUUID());
    },
  };
}
