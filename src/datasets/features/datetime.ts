// A date and time (UTC): month, weekday and hour each as the sine and cosine of their place in the cycle, so that December
// lies beside January; the year standardised. Only parts that vary among the training rows. A missing date is zeros.
import { type DatePart, dateParts } from "../../contract/feature.ts";
import { datetimeIn, isMissing } from "../cell.ts";
import { numericColumn } from "../table.ts";
import type { FeatureEncoder, Matrix } from "./encoder.ts";
import { presentValues } from "./number.ts";
import { fitScaling, scaled, type Scaling } from "./scaling.ts";

export interface DatetimeState {
  kind: "datetime";
  name: string;
  parts: DatePart[];
  /** of the year, among the training rows */
  year: Scaling;
  /** ISO 8601 */
  example: string;
}

/** Each part of a time in milliseconds since 1970, and the length of its cycle; the year has none. */
const clock: Record<DatePart, { of: (date: Date) => number; cycle: number | undefined }> = {
  year: { of: (date) => date.getUTCFullYear(), cycle: undefined },
  month: { of: (date) => date.getUTCMonth(), cycle: 12 },
  weekday: { of: (date) => date.getUTCDay(), cycle: 7 },
  hour: { of: (date) => date.getUTCHours(), cycle: 24 },
};

const partWidth = (part: DatePart) => (clock[part].cycle === undefined ? 1 : 2);

/** Inputs of so many parts: an upper bound while it is not known which of them vary. */
export const partsWidth = (parts: readonly DatePart[] = dateParts) =>
  parts.reduce((sum, part) => sum + partWidth(part), 0);

export const datetimeEncoder: FeatureEncoder<DatetimeState> = {
  fit(column, trainingRows, { parts }) {
    const { name, values } = numericColumn(column);
    const present = presentValues(values, trainingRows);
    const varies = (part: DatePart) => {
      const first = present.length === 0 ? 0 : clock[part].of(new Date(present[0]));
      return present.some((time) => clock[part].of(new Date(time)) !== first);
    };
    const years = present.map((time) => clock.year.of(new Date(time)));
    return {
      kind: "datetime",
      name,
      parts: dateParts.filter((part) => (parts === undefined ? varies(part) : parts.includes(part))),
      year: fitScaling(years, "standard"),
      example: new Date(present.length === 0 ? 0 : present[0]).toISOString(),
    };
  },

  width: ({ parts }) => partsWidth(parts),

  encode(state, column, rows, into, offset, stride) {
    const { values } = numericColumn(column);
    for (let i = 0; i < rows.length; i++) encodeTime(state, values[rows[i]], into, i * stride + offset);
  },

  encodeValue(state, value, into, start) {
    const time =
      value === null || (typeof value === "string" && isMissing(value))
        ? NaN
        : typeof value === "string"
          ? datetimeIn(value)
          : undefined;
    if (time === undefined)
      return {
        code: "not_a_datetime",
        expected: "a date such as 2026-01-31 or 2026-01-31T10:00:00Z",
        hint: "Write it as ISO 8601, or send null if it is not known.",
      };
    encodeTime(state, time, into, start);
    return undefined;
  },

  describe: ({ name, example }) => ({ name, type: "datetime", required: true, nullable: true, example }),
};

/** @param time in ms since 1970, NaN when missing */
function encodeTime({ parts, year }: DatetimeState, time: number, into: Matrix, start: number): void {
  const date = new Date(time);
  let at = start;
  for (const part of parts) {
    const { of, cycle } = clock[part];
    if (cycle === undefined) into[at++] = Number.isNaN(time) ? 0 : scaled(of(date), year);
    else {
      const angle = (2 * Math.PI * of(date)) / cycle;
      into[at++] = Number.isNaN(time) ? 0 : Math.sin(angle);
      into[at++] = Number.isNaN(time) ? 0 : Math.cos(angle);
    }
  }
}
