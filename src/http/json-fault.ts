// Where a text stops being JSON, and why: V8 names the place only sometimes.

/** White space, then a string (no control characters, quote or backslash as they are), another value, a mark, or (none of them) whatever stands there. */
const token =
  /[ \t\n\r]*(?:("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|((?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))|([[\]{},:]))/y;

/** Mistakes with a known cure, by what stands at the fault. */
const cures: readonly { when: RegExp; hint: string }[] = [
  { when: /^[-+]?(NaN|Infinity)/, hint: "JSON has no NaN or Infinity: leave the value out, or send null." },
  { when: /^'/, hint: "JSON takes double quotes only." },
  { when: /^[}\]]/, hint: "Is there a comma too many before it, or a value missing?" },
  { when: /^$/, hint: "The text ends too early: close every quote, brace and bracket." },
  { when: /^"/, hint: "Is a comma missing before it, or the closing quote of this string?" },
  { when: /^(\/\/|\/\*|#)/, hint: "JSON has no comments." },
  { when: /^(True|False|None)\b/, hint: "JSON writes true, false and null." },
  { when: /^[A-Za-z_$]/, hint: "Put names and texts in double quotes." },
];

type Next = "value" | "first value" | "key" | "first key" | "colon" | "comma";

/** The place and the cure of the first fault; `text` must be known not to be JSON. */
export function findJsonFault(text: string): { detail: string; hint: string } {
  const offset = faultOffset(text);
  const before = text.slice(0, offset).split("\n");
  const rest = text.slice(offset);
  const found = /^(?:[\w$.+-]+|[^]?)/.exec(rest)![0];
  const what = found === "" ? "it ends" : `unexpected ${found.slice(0, 20)}`;
  return {
    detail: `${what} at line ${before.length}, column ${before.at(-1)!.length + 1}`,
    hint: cures.find(({ when }) => when.test(rest))?.hint ?? "Check quotes, commas and brackets near that place.",
  };
}

/** Offset of the first character that cannot stand there. */
function faultOffset(text: string): number {
  const open: string[] = [];
  let next: Next | "end" = "value";
  let offset = 0;
  for (;;) {
    token.lastIndex = offset;
    const match = token.exec(text);
    const start = offset + /^[ \t\n\r]*/.exec(text.slice(offset))![0].length;
    if (match === null) return start;
    const [, string, scalar, mark] = match;
    const value = string ?? scalar;
    const wantsValue = next === "value" || next === "first value";
    const wantsKey = next === "key" || next === "first key";
    if (wantsValue && value !== undefined) next = open.length === 0 ? "end" : "comma";
    else if (wantsValue && (mark === "{" || mark === "[")) {
      open.push(mark);
      next = mark === "{" ? "first key" : "first value";
    } else if (wantsKey && string !== undefined) next = "colon";
    else if (next === "colon" && mark === ":") next = "value";
    else if (next === "comma" && mark === ",") next = open.at(-1) === "{" ? "key" : "value";
    else if (closes(open.at(-1), mark, next)) {
      open.pop();
      next = open.length === 0 ? "end" : "comma";
    } else return start;
    offset = token.lastIndex;
  }
}

function closes(opened: string | undefined, mark: string | undefined, next: Next | "end"): boolean {
  if (opened === "{") return mark === "}" && (next === "comma" || next === "first key");
  return opened === "[" && mark === "]" && (next === "comma" || next === "first value");
}
