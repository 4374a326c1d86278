// A sequence of numbers, or of vectors: [steps, channels], each channel standardised over the training rows. Where the
// lengths vary, shorter ones are padded with zeros in front (the mean), longer ones cut at the front: the end counts.
import type { SequenceColumn, TableColumn } from "../table.ts";
import type { FeatureEncoder, Matrix } from "./encoder.ts";
import { fitScaling, scaled, type Scaling } from "./scaling.ts";

export interface SequenceState {
  kind: "sequence";
  name: string;
  steps: number;
  /** one per channel */
  scalings: Scaling[];
}

export const sequenceEncoder: FeatureEncoder<SequenceState> = {
  fit(column, trainingRows, { max_length, scale = "standard" }) {
    const { name, shape, elements, starts } = sequenceColumn(column);
    const [length, channels] = shape;
    const values = Array.from({ length: channels }, () => [] as number[]);
    for (const row of trainingRows)
      for (let at = starts[row]; at < starts[row + 1]; at++) values[(at - starts[row]) % channels].push(elements[at]);
    const choice = scale === "min_max" || scale === "none" ? scale : "standard";
    const scalings = values.map((channel) => fitScaling(Float64Array.from(channel), choice));
    return { kind: "sequence", name, steps: max_length ?? length, scalings };
  },

  width: ({ steps, scalings }) => steps * scalings.length,
  shape: ({ steps, scalings }) => [steps, scalings.length],

  encode(state, column, rows, into, offset, stride) {
    const { elements, starts } = sequenceColumn(column);
    for (let i = 0; i < rows.length; i++)
      write(state, elements.subarray(starts[rows[i]], starts[rows[i] + 1]), into, i * stride + offset);
  },

  encodeValue(state, value, into, start) {
    const channels = state.scalings.length;
    const flat: unknown[] = Array.isArray(value) ? value.flat() : [];
    const isSequence =
      flat.length > 0 &&
      flat.length % channels === 0 &&
      flat.every((element) => Number.isFinite(element)) &&
      (value as unknown[]).every((step) => !Array.isArray(step) || step.length === channels);
    if (!isSequence)
      return {
        code: "not_a_sequence",
        expected: channels === 1 ? "an array of numbers" : `an array of steps, each an array of ${channels} numbers`,
        hint: `Send the last ${state.steps} steps, the oldest first.`,
      };
    write(state, flat as number[], into, start);
    return undefined;
  },

  describe: (state) => ({
    name: state.name,
    type: "sequence",
    required: true,
    nullable: false,
    shape: sequenceEncoder.shape!(state),
  }),
};

/** The last `steps` steps of the elements, step by step. */
function write({ steps, scalings }: SequenceState, elements: ArrayLike<number>, into: Matrix, start: number): void {
  const width = steps * scalings.length;
  const skipped = Math.max(0, elements.length - width);
  const padded = width - (elements.length - skipped);
  into.fill(0, start, start + padded);
  for (let at = skipped; at < elements.length; at++)
    into[start + padded + at - skipped] = scaled(elements[at], scalings[at % scalings.length]);
}

function sequenceColumn(column: TableColumn): SequenceColumn {
  if (column.type === "sequence") return column;
  throw new Error(`Column "${column.name}" holds ${column.type}, not sequences.`);
}
