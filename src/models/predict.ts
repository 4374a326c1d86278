// Predictions: a version is loaded once and kept while there is room for it.
import type { FieldPolicy } from "../contract/field-policy.ts";
import type { DecodingOptions } from "../contract/text-target.ts";
import type { ModelVersion, PredictResponse } from "../contract/model.ts";
import { getBytes } from "../store/blobs.ts";
import type { Store } from "../store/database.ts";
import { getVersionRow } from "../store/models.ts";
import type { LayerParameters } from "../engine/parameters.ts";
import type { Tier } from "../engine/kernels/tiers.ts";
import { LoadedModel } from "./loaded-model.ts";
import { readRecord } from "./registry.ts";
import type { VersionRecord } from "./version-record.ts";

const defaultCacheBytes = 512 * 2 ** 20;

/** Predicts with published versions, in this process. Keeps what it loaded, the least recently used goes first. */
export class Predictor {
  readonly #store: Store;
  readonly #cacheBytes: number;
  readonly #chooseTier: () => Tier;
  #tier: Tier | undefined;
  /** Least recently used first: a Map keeps the order of insertion. */
  readonly #loaded = new Map<string, Promise<LoadedModel>>();

  /** @param chooseTier asked when the first version is loaded */
  constructor(store: Store, chooseTier: () => Tier, cacheBytes = defaultCacheBytes) {
    this.#store = store;
    this.#chooseTier = chooseTier;
    this.#cacheBytes = cacheBytes;
  }

  /** @throws DomainError `not_found`, `invalid_instance` */
  async predict(
    name: string,
    version: number | undefined,
    instances: readonly unknown[],
    options: FieldPolicy & DecodingOptions = {},
  ): Promise<PredictResponse> {
    const { loaded, found } = await this.#load(name, version);
    return { model: name, version: found, predictions: loaded.predict(instances, options) };
  }

  /** The weights of a version. @throws DomainError `not_found` */
  async parameters(name: string, version: ModelVersion["version"]): Promise<LayerParameters[]> {
    return (await this.#load(name, version)).loaded.parameters();
  }

  /** Drops a deleted model. */
  forget(name: string): void {
    for (const key of this.#loaded.keys()) if (key.startsWith(`${name}/`)) this.#loaded.delete(key);
  }

  async #load(name: string, version: number | undefined): Promise<{ loaded: LoadedModel; found: number }> {
    const row = await getVersionRow(this.#store, name, version);
    const key = `${name}/${row.version}/${row.job_id}`;
    const present = this.#loaded.get(key);
    const loading =
      present ?? getBytes(this.#store, row.blob).then((weights) => this.#instantiate(readRecord(row), weights));
    this.#loaded.delete(key);
    this.#loaded.set(key, loading);
    try {
      const loaded = await loading;
      if (present === undefined) await this.#makeRoom();
      return { loaded, found: row.version };
    } catch (error) {
      this.#loaded.delete(key);
      throw error;
    }
  }

  #instantiate(record: VersionRecord, weights: Uint8Array): LoadedModel {
    this.#tier ??= this.#chooseTier();
    return new LoadedModel(record, weights, this.#tier);
  }

  async #makeRoom(): Promise<void> {
    const sizes = await Promise.all(
      // One that cannot be loaded is the trouble of whoever asked for it.
      [...this.#loaded].map(async ([key, model]) => ({
        key,
        bytes: await model.then(
          ({ memoryBytes }) => memoryBytes,
          () => 0,
        ),
      })),
    );
    let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { key, bytes } of sizes.slice(0, -1)) {
      if (total <= this.#cacheBytes) return;
      this.#loaded.delete(key);
      total -= bytes;
    }
  }
}
