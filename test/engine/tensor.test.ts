import { describe, expect, it } from "vitest";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { allocateMemory, layout } from "../../src/engine/memory.ts";
import { fixedTensor, rowTensor, slice } from "../../src/engine/tensor.ts";

describe("a slice of a tensor", () => {
  const [before, whole] = [fixedTensor("before", [5]), fixedTensor("whole", [6, 4])];
  const arena = layout([before, whole], "float32");
  const memory = allocateMemory(arena, createReferenceKernels("float32"), []);

  it("is a view of its part of the memory, and so is a slice of a slice", () => {
    memory.view(whole).set(Array.from({ length: 24 }, (_, i) => i));
    const rows = slice(whole, 8, [3, 4]);
    expect([...memory.view(rows)]).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect([...memory.view(slice(rows, 4, [2]))]).toEqual([12, 13]);
  });

  it("takes no memory of its own", () => {
    expect(layout([before, whole, slice(whole, 8, [3, 4])], "float32").bytes).toBe(arena.bytes);
  });

  it("must lie within a tensor without a batch dimension", () => {
    expect(() => slice(whole, 20, [5])).toThrow("no part of 24 elements: 5 from 20 of whole");
    expect(() => slice(rowTensor("x", [4], 2), 0, [4])).toThrow("no part");
  });
});
