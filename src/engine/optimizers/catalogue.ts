// The closed table of optimizers: a new optimizer is one file and one row here.
import { adagrad } from "./adagrad.ts";
import type { AdagradSpec } from "./adagrad.ts";
import { adam } from "./adam.ts";
import type { AdamSpec } from "./adam.ts";
import { adamw } from "./adamw.ts";
import type { AdamWSpec } from "./adamw.ts";
import type { OptimizerDefinition } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import type { RmspropSpec } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";
import type { SgdSpec } from "./sgd.ts";

export type OptimizerSpec = SgdSpec | AdamSpec | AdamWSpec | RmspropSpec | AdagradSpec;
export type OptimizerName = OptimizerSpec["type"];

export const OPTIMIZERS: {
  readonly [Name in OptimizerName]: OptimizerDefinition<Extract<OptimizerSpec, { type: Name }>>;
} = { sgd, adam, adamw, rmsprop, adagrad };
