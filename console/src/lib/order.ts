// Rows that people put in an order, each with a number that says its place.

interface Placed {
  id: string;
  position: number;
}

/** What is between two places, so that something can be put there by other programs too. */
const STEP = 10;

/**
 * The places that change when the row at `from` goes to `to`, lowest first. Rows that stood at one and the same place get
 * places of their own.
 */
export function moved(rows: readonly Placed[], from: number, to: number): Placed[] {
  const order = [...rows];
  order.splice(to, 0, ...order.splice(from, 1));
  return order.map(({ id }, index) => ({ id, position: (index + 1) * STEP })).filter(({ id, position }) => rows.find((row) => row.id === id)?.position !== position);
}
