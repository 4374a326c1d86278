// Architectures for time series: their parameters. The networks themselves are in src/architectures/.
import { z } from "zod";
import { initialParameters, units } from "../layer.ts";
import { strictObject } from "../strict-object.ts";

export const forecaster = strictObject({
  type: z.literal("forecaster"),
  cell: z
    .enum(["mlp", "lstm", "gru", "tcn"])
    .default("mlp")
    .describe(
      "what reads the window beside a linear autoregression; tcn: residual blocks of causal convolutions, ever more dilated",
    ),
  units: units.default(32).describe("of each layer"),
  layers: z.number().int().min(1).max(12).default(2).describe("of a tcn: blocks"),
  dropout: z.number().min(0).lt(1).default(0.1).describe("after each layer"),
  initial_parameters: initialParameters,
}).describe("Linear autoregression and a network that learns what it leaves, over a window of rows");
