// The closed table of layer kinds: a new layer is one file and one row here.
import { requireEntry } from "../requirements.ts";
import { RELU_FAMILY, activation } from "./activation.ts";
import type { ActivationName, ActivationSpec } from "./activation.ts";
import { attentionPool } from "./attention-pool.ts";
import type { AttentionPoolSpec } from "./attention-pool.ts";
import { batchNorm } from "./batch-norm.ts";
import type { BatchNormSpec } from "./batch-norm.ts";
import { bidirectional } from "./bidirectional.ts";
import type { BidirectionalSpec } from "./bidirectional.ts";
import { conv1d } from "./conv1d.ts";
import type { Conv1dSpec } from "./conv1d.ts";
import { conv2d } from "./conv2d.ts";
import type { Conv2dSpec } from "./conv2d.ts";
import { conv2dTranspose } from "./conv2d-transpose.ts";
import type { Conv2dTransposeSpec } from "./conv2d-transpose.ts";
import { dense } from "./dense.ts";
import type { DenseSpec } from "./dense.ts";
import { dropout } from "./dropout.ts";
import type { DropoutSpec } from "./dropout.ts";
import { embedding } from "./embedding.ts";
import type { EmbeddingSpec } from "./embedding.ts";
import { encoderDecoder } from "./encoder-decoder.ts";
import type { EncoderDecoderSpec } from "./encoder-decoder.ts";
import { flatten, reshape } from "./flatten.ts";
import type { FlattenSpec, ReshapeSpec } from "./flatten.ts";
import { gru } from "./gru.ts";
import type { GruSpec } from "./gru.ts";
import type { LayerDefinition, PlannedLayer, Scope, Signal } from "./layer.ts";
import { layerNorm } from "./layer-norm.ts";
import type { LayerNormSpec } from "./layer-norm.ts";
import { localResponseNorm } from "./local-response-norm.ts";
import type { LocalResponseNormSpec } from "./local-response-norm.ts";
import { lstm } from "./lstm.ts";
import type { LstmSpec } from "./lstm.ts";
import { multiHeadAttention } from "./multi-head-attention.ts";
import type { MultiHeadAttentionSpec } from "./multi-head-attention.ts";
import { parallel } from "./parallel.ts";
import type { ParallelSpec } from "./parallel.ts";
import { positions } from "./positions.ts";
import type { PositionsSpec } from "./positions.ts";
import { residual } from "./residual.ts";
import type { ResidualSpec } from "./residual.ts";
import { simpleRnn } from "./simple-rnn.ts";
import type { SimpleRnnSpec } from "./simple-rnn.ts";
import { averagePool1d, averagePool2d, globalAveragePool, globalMaxPool, maxPool1d, maxPool2d } from "./pooling.ts";
import type {
  AveragePool1dSpec,
  AveragePool2dSpec,
  GlobalAveragePoolSpec,
  GlobalMaxPoolSpec,
  MaxPool1dSpec,
  MaxPool2dSpec,
} from "./pooling.ts";
import { spatialDropout } from "./spatial-dropout.ts";
import type { SpatialDropoutSpec } from "./spatial-dropout.ts";
import { threshold } from "./threshold.ts";
import type { ThresholdSpec } from "./threshold.ts";
import { timeDistributed } from "./time-distributed.ts";
import type { TimeDistributedSpec } from "./time-distributed.ts";

/** One layer as a request writes it. */
export type LayerSpec =
  | DenseSpec
  | Conv1dSpec
  | Conv2dSpec
  | Conv2dTransposeSpec
  | MaxPool1dSpec
  | AveragePool1dSpec
  | MaxPool2dSpec
  | AveragePool2dSpec
  | GlobalAveragePoolSpec
  | GlobalMaxPoolSpec
  | BatchNormSpec
  | LayerNormSpec
  | LocalResponseNormSpec
  | ResidualSpec<LayerSpec>
  | ParallelSpec<LayerSpec>
  | TimeDistributedSpec<LayerSpec>
  | ActivationSpec
  | DropoutSpec
  | SpatialDropoutSpec
  | FlattenSpec
  | ReshapeSpec
  | ThresholdSpec
  | EmbeddingSpec
  | SimpleRnnSpec
  | LstmSpec
  | GruSpec
  | PositionsSpec
  | MultiHeadAttentionSpec
  | AttentionPoolSpec
  | BidirectionalSpec<SimpleRnnSpec | LstmSpec | GruSpec>
  | EncoderDecoderSpec;

export const LAYERS: { readonly [Kind in LayerSpec["type"]]: LayerDefinition<Extract<LayerSpec, { type: Kind }>> } = {
  dense,
  conv1d,
  conv2d,
  conv2d_transpose: conv2dTranspose,
  max_pool1d: maxPool1d,
  average_pool1d: averagePool1d,
  max_pool2d: maxPool2d,
  average_pool2d: averagePool2d,
  global_average_pool: globalAveragePool,
  global_max_pool: globalMaxPool,
  batch_norm: batchNorm,
  layer_norm: layerNorm,
  local_response_norm: localResponseNorm,
  residual,
  parallel,
  time_distributed: timeDistributed,
  activation,
  dropout,
  spatial_dropout: spatialDropout,
  flatten,
  reshape,
  threshold,
  embedding,
  simple_rnn: simpleRnn,
  lstm,
  gru,
  bidirectional,
  positions,
  multi_head_attention: multiHeadAttention,
  attention_pool: attentionPool,
  encoder_decoder: encoderDecoder,
};

/** One layer as it is planned, with the index it has in the request. */
export interface ExpandedLayer {
  readonly spec: LayerSpec;
  readonly index: number;
}

/** Plans one layer by its kind. */
export function planLayer(spec: LayerSpec, scope: Scope, x: Signal): PlannedLayer {
  const definition = requireEntry(scope.layerName, LAYERS, spec.type) as LayerDefinition<LayerSpec>;
  return definition.plan(spec, scope, x);
}

/** A layer with an activation becomes two. The initializer of weights is chosen by the activation that follows. */
export function expandLayers(specs: readonly LayerSpec[]): ExpandedLayer[] {
  return specs.flatMap((spec, index) => {
    if (!isWeighted(spec) && spec.type !== "residual") return [{ spec, index }];
    const { activation: own = "identity", ...rest } = spec;
    const layers: ExpandedLayer[] = [{ spec: initialised(rest, own, specs.slice(index + 1)), index }];
    if (own !== "identity") layers.push({ spec: { type: "activation", activation: own }, index });
    return layers;
  });
}

/** Layers whose weights an activation follows. */
function isWeighted(spec: LayerSpec): spec is DenseSpec | Conv1dSpec | Conv2dSpec | Conv2dTransposeSpec {
  return ["dense", "conv1d", "conv2d", "conv2d_transpose"].includes(spec.type);
}

function initialised(spec: LayerSpec, own: ActivationName, later: readonly LayerSpec[]): LayerSpec {
  if (!isWeighted(spec)) return spec;
  const next = later.find(({ type }) => type !== "batch_norm" && type !== "layer_norm");
  const following = own === "identity" ? activationOf(next) : own;
  return { ...spec, initializer: spec.initializer ?? (RELU_FAMILY.has(following) ? "he_normal" : "glorot_uniform") };
}

/** The activation a layer applies; identity for every other kind. */
export function activationOf(spec: LayerSpec | undefined): ActivationName {
  if (spec?.type === "activation") return spec.activation;
  return spec?.type === "threshold" ? "threshold" : "identity";
}
