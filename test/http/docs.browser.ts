// The docs page as people see it: in a real Chromium, against the real server with a real trainer.
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import { type Service, startTraining } from "./service.ts";

const places = [
  process.env["CHROMIUM_PATH"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = places.find((path) => path !== "" && existsSync(path));
const skipped = executablePath === undefined ? " (skipped: no Chromium found; set CHROMIUM_PATH)" : "";

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

describe.skipIf(executablePath === undefined)(`the docs page${skipped}`, () => {
  let service: Service;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const elsewhere: string[] = [];

  beforeAll(async () => {
    service = await startTraining();
    browser = await chromium.launch({ executablePath: executablePath!, headless: true, args: quiet });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });
  beforeEach(async () => {
    complaints.length = 0;
    elsewhere.length = 0;
    page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(service.url) && !request.url().startsWith("data:")) elsewhere.push(request.url());
    });
    await page.goto(`${service.url}/docs`);
    await page.locator(".opblock").first().waitFor();
  });
  afterEach(async () => await page.close());

  test("shows every operation under its tag, without a complaint in the console", async () => {
    const document = (await service.call<{ paths: Record<string, object> }>("GET", "/openapi.json")).body;
    const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
    expect(await page.locator(".opblock").count()).toBe(operations.length);
    expect(await page.locator(".opblock-tag-section").count()).toBe(6);
    expect(complaints).toEqual([]);
  });

  test("loads nothing from elsewhere, so that it works offline", () => {
    expect(elsewhere).toEqual([]);
  });

  test("Try it out, Execute sends the first example of POST /v1/jobs, which trains to its end", async () => {
    const operation = page.locator("#operations-jobs-createJob");
    await operation.locator(".opblock-summary").click();
    const body = operation.locator("textarea.body-param__text");
    await body.waitFor();
    expect(JSON.parse(await body.inputValue())).toMatchObject({ name: "xor", architecture: { type: "mlp" } });
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await operation.locator("button.execute").click();
    const answer = await answered;
    expect(answer.status()).toBe(202);
    await operation.locator(".live-responses-table .response-col_status", { hasText: "202" }).waitFor();
    const job = (await answer.json()) as Job;
    const ended = await service.call<Job>("GET", `${job.links.self}?wait=60`);
    expect(ended.body.status).toBe("succeeded");
    // A second try is a second job: nothing that was filled in may make it a replay of the first.
    const again = page.waitForResponse((response) => response.request().method() === "POST");
    await operation.locator("button.execute").click();
    expect(((await (await again).json()) as Job).id).not.toBe(job.id);
    expect(complaints).toEqual([]);
  });

  test("after that, the prefilled prediction is answered too", async () => {
    const operation = page.locator("#operations-predictions-predict");
    await operation.locator(".opblock-summary").click();
    await operation.locator('tr[data-param-name="name"] input').fill("xor");
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await operation.locator("button.execute").click();
    expect((await answered).status()).toBe(200);
    expect(complaints).toEqual([]);
  });

  test("the loss curve is a picture that a browser draws", async () => {
    const { data } = (await service.call<{ data: Job[] }>("GET", "/v1/jobs")).body;
    await page.goto(service.url + data[0].links.loss_curve);
    expect(await page.locator("polyline").count()).toBe(1);
    expect(await page.locator("text.title").textContent()).toBe("xor");
    expect(complaints).toEqual([]);
  });
});
