// The rows that a network gets most wrong: worth a look, because often it is the data that is wrong.

const mostRows = 20;

/** Positions of the 20 greatest losses, the greatest first; of equal ones the earlier row. A loss that is no number is the
 * greatest of all. */
export function worstRows(losses: ArrayLike<number>): number[] {
  const lossAt = (row: number): number => (Number.isNaN(losses[row]) ? Infinity : losses[row]);
  const worst: number[] = [];
  for (let row = 0; row < losses.length; row++) {
    if (worst.length === mostRows && !(lossAt(row) > lossAt(worst[mostRows - 1]))) continue;
    const place = worst.findIndex((other) => lossAt(row) > lossAt(other));
    worst.splice(place === -1 ? worst.length : place, 0, row);
    worst.length = Math.min(worst.length, mostRows);
  }
  return worst;
}

/** JSON has no number for what is not finite. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
