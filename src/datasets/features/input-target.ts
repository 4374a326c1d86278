// The target of a reconstruction: the inputs themselves.

export interface InputTarget {
  kind: "inputs";
  /** Inputs of a row. */
  width: number;
}
