// Some of many rows, where all would take too long to look at.

/** At most `most` of the rows, evenly spread: rows of one class often stand together. */
export function someRows(rows: Int32Array, most: number): Int32Array {
  if (rows.length <= most) return rows;
  return Int32Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]);
}
