// From the typed table to windows of successive rows: what a network over a time series takes.
import { headOf } from "../architectures/blueprint.ts";
import { encodeRows, fitFeatures } from "../datasets/features/encode.ts";
import type { FeatureSpec } from "../datasets/features/feature-spec.ts";
import { encodeNumbers, fitNumbers, type NumberTarget } from "../datasets/features/number-target.ts";
import { gatherWindows, successiveRows, type WindowChoice, windowStarts } from "../datasets/windows.ts";
import { DomainError } from "../errors.ts";
import type { PreparedData, PreparedRows, PrepareInput } from "./prepare-data.ts";

/**
 * Every part has windows of its own rows only: none sees a row of another part.
 * @throws DomainError `invalid_dataset` when the training rows hold no whole window
 */
export function prepareWindows({ request, columns, table }: PrepareInput, window: WindowChoice): PreparedData {
  const { dataset, hyperparameters } = request;
  const { precision, seed } = hyperparameters;
  const names = [dataset.target ?? []].flat();
  const rows = successiveRows({ ...dataset.split!, seed }, table);
  const others = columns.map((column) => column.name);
  const perRow = fitFeatures(table, dataset.features as FeatureSpec[], rows.train, others);
  const target = fitNumbers(table, names, rows.train);
  const { length, horizon } = window;
  const encode = (part: Int32Array): PreparedRows | null => {
    const starts = windowStarts(table, part, window, names);
    if (starts.length === 0) return null;
    const inputs = encodeRows(perRow, table, part, precision);
    const targets = encodeNumbers(target, table, part, precision);
    return {
      inputs: gatherWindows(inputs, perRow.width, starts, { skip: 0, count: length }),
      targets: gatherWindows(targets, names.length, starts, { skip: length, count: horizon }),
      rows: starts.length,
      tableRows: starts.map((start) => part[start + length]),
    };
  };
  const train = encode(rows.train);
  if (train === null)
    throw new DomainError("invalid_dataset", `No ${length + horizon} successive training rows have all targets.`);
  const ahead = stepsAhead(target, horizon);
  return {
    features: { ...perRow, inputShape: [length, perRow.width], window: { length, horizon } },
    target: ahead,
    head: headOf(request.architecture, hyperparameters, { kind: "regression", outputs: ahead.names.length }),
    train,
    validation: encode(rows.validation),
    test: encode(rows.test),
  };
}

/** One output per step and target: "load+1", "load+2", … when there are several steps. */
function stepsAhead({ names, scalings }: NumberTarget, horizon: number): NumberTarget {
  if (horizon === 1) return { kind: "number", names, scalings };
  const steps = Array.from({ length: horizon }, (_, step) => step + 1);
  return {
    kind: "number",
    names: steps.flatMap((step) => names.map((name) => `${name}+${step}`)),
    scalings: steps.flatMap(() => scalings),
  };
}
