// The words of faults: what a value is, what was expected, and what to write instead.
import type { z } from "zod";

type Boundary = Extract<z.core.$ZodIssue, { code: "too_small" | "too_big" }>;

/** What to write under a name: the best hint there is when it is missing or of a wrong type. */
const examples: Record<string, string> = {
  architecture: '{"type":"mlp","hidden":[16]}',
  dataset: '{"id":"ds_…","target":"species"}',
  target: '"species"',
  features: '["petal_length","petal_width"]',
  rows: '[{"x":0.5,"y":1}]',
  split: '{"validation":0.2,"test":0.1}',
  hyperparameters: '{"epochs":50}',
  optimizer: '{"type":"adam","learning_rate":0.01}',
  schedule: '{"type":"cosine"}',
  gradient_clip: '{"norm":1}',
  model: '{"name":"iris"}',
  hidden: "[16]",
  layers: '[{"type":"dense","units":16,"activation":"relu"}]',
  units: "16",
  weights: "[1,1]",
  threshold: "1.5",
  every_epochs: "10",
  instances: '[{"petal_length":4.7}]',
};

/** What each JSON type is called, and how it is written. */
const types: Record<string, { name: string; hint: string }> = {
  object: { name: "an object", hint: 'Write an object: {"key": value}.' },
  record: { name: "an object", hint: 'Write an object: {"key": value}.' },
  array: { name: "an array", hint: "Write an array: [value, …]." },
  string: { name: "a string", hint: 'Write a string in double quotes: "text".' },
  number: { name: "a number", hint: "Write a finite number without quotes: 0.5." },
  int: { name: "a whole number", hint: "Write a whole number: 10." },
  boolean: { name: "a boolean", hint: "Write true or false, without quotes." },
};

/** "a number", "an array". */
export function indefinite(type: string): string {
  return types[type]?.name ?? `a ${type}`;
}

export function expectation(type: string): string {
  return type === "number" ? "a finite number" : indefinite(type);
}

/** What to do about the value under `name`. */
export function hintFor(name: string, expected: string, value: unknown): string {
  if (Object.hasOwn(examples, name)) return `For example "${name}": ${examples[name]}`;
  if (typeof value === "string" && value.trim() !== "" && ["number", "int"].includes(expected)) {
    if (Number.isFinite(Number(value))) return `Leave the quotes out: ${Number(value)}.`;
  }
  return types[expected]?.hint ?? "See /docs for what this field takes.";
}

/** "at least 1", "at most 64 characters". */
export function boundary(issue: Boundary): string {
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const unit = issue.origin === "string" ? " character" : issue.origin === "array" ? " item" : "";
  const amount = `${bound}${unit}${unit !== "" && bound !== 1 ? "s" : ""}`;
  if (issue.code === "too_small") return `${issue.inclusive ? "at least" : "greater than"} ${amount}`;
  return `${issue.inclusive ? "at most" : "less than"} ${amount}`;
}

/** A value in a sentence, cut where it is long. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= 60 ? text : `${text.slice(0, 57)}…"`;
}
