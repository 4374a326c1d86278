// The four rows of a two-input gate: the example data of the first networks.

/** Rows {a, b, y} with y = gate(a, b). */
export function truthTable(gate: (a: number, b: number) => number): { a: number; b: number; y: number }[] {
  return [0, 1].flatMap((a) => [0, 1].map((b) => ({ a, b, y: gate(a, b) })));
}
