// The loss curve as a picture: well-formed, both lines, and honest about what is missing.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { EpochMetrics } from "../../src/contract/metrics.ts";
import { drawLossCurve } from "../../src/http/loss-curve.ts";
import { appendEpochs } from "../../src/store/metrics.ts";
import { epochRow } from "./epoch-rows.ts";
import { validJob } from "./job-bodies.ts";
import { type Application, startApplication } from "./service.ts";

/** The texts between the tags, decoded; throws when a tag is not closed or a mark is not escaped (XML 1.0, 2.4 and 3.1). */
function textsOf(xml: string): string[] {
  const open: string[] = [];
  const texts: string[] = [];
  const token = /<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  const bare = /&(?!(?:amp|lt|gt|quot);)/;
  let end = 0;
  for (let match = token.exec(xml); match !== null; match = token.exec(xml)) {
    const [whole, closing, name, attributes, empty, text] = match;
    end = token.lastIndex;
    if (bare.test(whole)) throw new Error(`not escaped: ${whole}`);
    if (text !== undefined) texts.push(...(open.at(-1) === "style" || text.trim() === "" ? [] : [decode(text)]));
    else if (closing === "/") {
      if (open.pop() !== name || attributes !== "") throw new Error(`not opened: ${whole}`);
    } else if (empty === "") open.push(name);
  }
  if (end !== xml.length || open.length > 0) throw new Error(`not well-formed at ${end}: ${xml.slice(end, end + 40)}`);
  return texts;
}

const decode = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

const falling = Array.from({ length: 50 }, (_, i) => epochRow(i + 1, 2 / (i + 1), 2.5 / (i + 1)));
const pointsOf = (svg: string) =>
  [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    points.split(" ").map((p) => p.split(",").map(Number)),
  );

describe("drawLossCurve", () => {
  test("draws a falling line for train and one for validation, inside the picture", () => {
    const svg = drawLossCurve("iris", falling);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["iris", "train", "validation", "epoch", "50"]));
    const lines = pointsOf(svg);
    expect(lines.map((points) => points.length)).toEqual([50, 50]);
    for (const points of lines) {
      for (const [i, [x, y]] of points.entries()) {
        expect(x).toBeGreaterThan(i === 0 ? 0 : points[i - 1][0]);
        expect(y).toBeGreaterThan(i === 0 ? 0 : points[i - 1][1]); // down the page is up in y
        expect(x).toBeLessThan(640);
        expect(y).toBeLessThan(360);
      }
    }
  });

  test("puts the validation line above the train line where its loss is greater", () => {
    const [train, validation] = pointsOf(drawLossCurve("iris", falling));
    for (const [i, [, y]] of train.entries()) expect(validation[i][1]).toBeLessThan(y);
  });

  test("tells those who do not see it what the lines do", () => {
    expect(drawLossCurve("iris", falling)).toContain(
      'aria-label="iris: train loss 2 to 0.04, validation loss 2.5 to 0.05"',
    );
  });

  test("says when no epoch has finished", () => {
    const svg = drawLossCurve("new", []);
    expect(textsOf(svg)).toContain("no epoch finished yet");
    expect(pointsOf(svg)).toEqual([]);
  });

  test("shows a single epoch as a dot", () => {
    expect(drawLossCurve("one", falling.slice(0, 1))).toMatch(/<circle cx="[\d.]+" cy="[\d.]+" r="3"/);
  });

  test("has one line when nothing was held out", () => {
    const svg = drawLossCurve(
      "train only",
      falling.map((row) => ({ ...row, validation_loss: null })),
    );
    expect(pointsOf(svg)).toHaveLength(1);
    expect(textsOf(svg)).not.toContain("validation");
  });

  test.each(["nan", "inf"] as const)("marks the epoch in which the loss became %s", (nonfinite) => {
    const svg = drawLossCurve("diverging", [...falling, { ...epochRow(51, null, null), nonfinite }]);
    expect(textsOf(svg)).toContain(`diverged (${nonfinite})`);
  });

  test("uses a logarithmic axis for losses over several powers of ten, and says so", () => {
    const svg = drawLossCurve(
      "steep",
      Array.from({ length: 6 }, (_, i) => epochRow(i + 1, 10 ** -i, null)),
    );
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["loss (log)", "1", "0.1", "0.00001"]));
  });

  test.each<{ what: string; losses: (number | null)[] }>([
    { what: "zero", losses: [0, 0, 0] },
    { what: "equal", losses: [0.5, 0.5] },
    { what: "huge", losses: [1e300, 1e308] },
    { what: "tiny", losses: [1e-300, 5e-324] },
    { what: "all missing", losses: [null, null] },
    { what: "zero among large ones", losses: [1e6, 0, 10] },
  ])("is well-formed and without NaN for losses that are $what", ({ losses }) => {
    const svg = drawLossCurve(
      "edge",
      losses.map((loss, i) => epochRow(i + 1, loss, loss)),
    );
    textsOf(svg);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test.each(["</text><script>alert(1)</script>", '"><image href=x onerror=alert(1)>', "a & b < c > d", "&lt;", "'"])(
    "shows the name %j as text",
    (name) => {
      const svg = drawLossCurve(name, falling);
      expect(textsOf(svg)).toContain(name);
      expect(svg).not.toMatch(/<script|<image/);
    },
  );
});

describe("GET /v1/jobs/{id}/loss.svg", () => {
  let service: Application;
  let job: Job;
  beforeAll(async () => {
    service = await startApplication();
    job = (await service.call<Job>("POST", "/v1/jobs", { json: { ...validJob(), name: "my curve" } })).body;
  });
  afterAll(async () => await service.stop());

  test("is an SVG that may not run anything", async () => {
    const answer = await service.call<string>("GET", job.links.loss_curve);
    expect(answer.headers.get("content-type")).toMatch(/^image\/svg\+xml/);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(textsOf(answer.body)).toEqual(expect.arrayContaining(["my curve", "no epoch finished yet"]));
  });

  test("draws 5,000 epochs with few points and the spike among them", async () => {
    const rows: EpochMetrics[] = Array.from({ length: 5_000 }, (_, i) => epochRow(i + 1, i === 3_210 ? 9 : 1, null));
    await appendEpochs(service.store, job.id, rows, Date.now());
    const [train] = pointsOf((await service.call<string>("GET", job.links.loss_curve)).body);
    expect(train.length).toBeLessThanOrEqual(1_000);
    const highest = Math.min(...train.map(([, y]) => y));
    expect(train.filter(([, y]) => y === highest)).toHaveLength(1);
  });
});
