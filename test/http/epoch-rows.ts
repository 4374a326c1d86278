// Rows of the loss history for tests that need a curve, not a training.
import type { EpochMetrics } from "../../src/contract/metrics.ts";

export function epochRow(epoch: number, train_loss: number | null, validation_loss: number | null): EpochMetrics {
  return { epoch, train_loss, validation_loss, learning_rate: 0.01, duration_ms: 1.5, samples_per_second: 1_000 };
}
