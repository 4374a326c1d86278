// The two-input gates: four rows each. All but XOR and XNOR can be separated by a line (Minsky & Papert, 1969).
import { type BuiltinDataset, rowsFile } from "./builtin.ts";

type Bit = 0 | 1;

const formulas: Record<string, (a: number, b: number) => number> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  nand: (a, b) => 1 - (a & b),
  nor: (a, b) => 1 - (a | b),
  xnor: (a, b) => 1 - (a ^ b),
};

export const gates: BuiltinDataset[] = Object.entries(formulas).map(([name, gate]) => {
  const bits: Bit[] = [0, 1];
  const rows = bits.flatMap((a) => bits.map((b) => ({ a, b, y: gate(a, b) })));
  return {
    name,
    title: `${name.toUpperCase()} of two inputs`,
    rows: rows.length,
    target: "y",
    task: "classification",
    licence: "none needed: a truth table",
    source: "Boole, 1854",
    files: async () => rowsFile(name, rows),
  };
});
