import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import { EngineError } from "../../src/engine/engine-error.ts";
import { train } from "../../src/engine/train.ts";
import { finishedState, restoreWeights } from "../../src/engine/training-state.ts";
import { predict } from "../../src/engine/evaluate.ts";
import { XOR, build } from "./construction.ts";

const network = (precision: "float32" | "float64", seed = 1) =>
  build({
    input: [2],
    layers: [
      { type: "dense", units: 3, activation: "tanh" },
      { type: "dense", units: 1 },
    ],
    loss: "binary_cross_entropy",
    optimizer: { type: "adam" },
    precision,
    seed,
  });

/** A state in the middle of the third epoch, so every group of tensors has something in it. */
function midway(precision: "float32" | "float64") {
  let steps = 0;
  const afterStep = () => (++steps === 5 ? ("stop" as const) : ("continue" as const));
  const options = { epochs: 9, batchSize: 2, shuffle: true, seed: 1, learningRate: 0.1 };
  return train(network(precision), { train: XOR }, options, { afterStep }).state;
}

const failure = (bytes: Uint8Array): EngineError => {
  try {
    decodeCheckpoint(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).code).toBe("invalid_checkpoint");
    return error as EngineError;
  }
  throw new Error("decodeCheckpoint accepted the bytes");
};

describe("a checkpoint", () => {
  it.each(["float32", "float64"] as const)("gives the state back exactly, in %s", (precision) => {
    const state = midway(precision);
    expect(state.progress).toMatchObject({ epochsDone: 2, rowsSeen: 2, stepsDone: 5 });
    expect(state.optimizer).toHaveLength(8);
    expect(state.lastGood).toHaveLength(4);
    expect(decodeCheckpoint(encodeCheckpoint(state))).toEqual(state);
  });

  it("keeps −0, the smallest and the largest numbers", () => {
    const values = Float64Array.from([-0, Number.MIN_VALUE, -Number.MAX_VALUE, 1 / 3]);
    const state = { ...midway("float64"), weights: [{ name: "w", shape: [4], values }] };
    expect(decodeCheckpoint(encodeCheckpoint(state)).weights[0].values).toEqual(values);
  });

  it("is decoded from any position in a larger buffer", () => {
    const bytes = encodeCheckpoint(midway("float64"));
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(decodeCheckpoint(larger.subarray(3, 3 + bytes.length))).toEqual(decodeCheckpoint(bytes));
  });

  it("holds a finished network without optimizer, which then predicts with the same bits", () => {
    const source = network("float32");
    const bytes = encodeCheckpoint(finishedState(source, { epochsDone: 1, rowsSeen: 0, stepsDone: 2 }));
    expect(bytes.length).toBeLessThan(encodeCheckpoint(midway("float32")).length / 2);
    const copy = build({
      input: [2],
      layers: [
        { type: "dense", units: 3, activation: "tanh" },
        { type: "dense", units: 1 },
      ],
      loss: "binary_cross_entropy",
      optimizer: null,
      precision: "float32",
      seed: 2,
    });
    restoreWeights(copy, decodeCheckpoint(bytes));
    expect(predict(copy, XOR.inputs, 4)).toEqual(predict(source, XOR.inputs, 4));
  });

  it("is refused with a wrong magic", () => {
    const bytes = encodeCheckpoint(midway("float32"));
    bytes.set(new TextEncoder().encode("GGUF"));
    expect(failure(bytes).message).toContain('expected magic DLTR, got "GGUF": this is not a checkpoint');
  });

  it("is refused in another format version", () => {
    const bytes = encodeCheckpoint(midway("float32"));
    bytes[4] = 2;
    expect(failure(bytes).message).toContain("expected format version 1, got version 2");
  });

  it("is refused when truncated at any length", () => {
    const bytes = encodeCheckpoint(midway("float32"));
    for (let length = 0; length < bytes.length; length += 7) {
      expect(failure(bytes.subarray(0, length)).message).toContain("truncated");
    }
  });

  it("is refused with bytes appended", () => {
    const bytes = encodeCheckpoint(midway("float32"));
    expect(failure(Uint8Array.from([...bytes, 0])).message).toContain("bytes were appended");
  });

  it("is refused when any single byte is flipped, in header and data as damaged", () => {
    const bytes = encodeCheckpoint(midway("float32"));
    for (let position = 0; position < bytes.length; position++) {
      bytes[position] ^= 0xff;
      // The first 24 bytes are magic, version, lengths and checksum: their errors have names of their own.
      expect(failure(bytes).message).toContain(position >= 24 ? "damaged" : "checkpoint");
      bytes[position] ^= 0xff;
    }
    expect(decodeCheckpoint(bytes).progress.stepsDone).toBe(5);
  });

  it("has the documented layout: magic, version, lengths, and the CRC-32 of everything else", () => {
    const bytes = encodeCheckpoint(midway("float32"));
    const view = new DataView(bytes.buffer);
    expect(String.fromCharCode(...bytes.subarray(0, 4))).toBe("DLTR");
    expect(view.getUint32(4, true)).toBe(1);
    expect(24 + view.getUint32(8, true) + Number(view.getBigUint64(16, true))).toBe(bytes.length);
    // An independent CRC-32, one bit at a time.
    let crc = 0xffffffff;
    bytes.forEach((byte, position) => {
      if (position >= 12 && position < 16) return;
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    });
    expect(view.getUint32(12, true)).toBe(~crc >>> 0);
  });
});
