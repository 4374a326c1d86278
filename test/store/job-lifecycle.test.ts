// The lifecycle table, exhaustively: every transition from every status is either legal and recorded, or changes nothing.
import { describe, expect, test } from "vitest";
import { jobStatuses } from "../../src/contract/job.ts";
import { inTransaction, type Store } from "../../src/store/database.ts";
import { isTerminal, transition, type TransitionName, transitions } from "../../src/store/job-lifecycle.ts";
import { queueJob, temporaryStore } from "./construction.ts";

const names = Object.keys(transitions) as TransitionName[];
const pairs = jobStatuses.flatMap((status) => names.map((name) => ({ status, name })));
const token = "try_of_this_test";

const contents = async (store: Store) => ({
  jobs: await store.selectFrom("job").selectAll().execute(),
  events: await store.selectFrom("event").selectAll().orderBy("sequence").execute(),
});

describe("the lifecycle", () => {
  test.each(pairs)("$name of a job that is $status", async ({ status, name }) => {
    const { store } = await temporaryStore();
    const id = await queueJob(store);
    const attempt = status === "running" ? { attempt_token: token, trainer_id: "t", lease_until: 1 } : {};
    await store
      .updateTable("job")
      .set({ status, ...attempt })
      .execute();
    const before = await contents(store);
    const changed = await inTransaction(store, (transaction) =>
      transition(transaction, id, name, { attemptToken: token, now: 1234 }),
    );
    const after = await contents(store);
    const rule = transitions[name];
    if (!(rule.from as readonly string[]).includes(status)) {
      expect(changed).toBeUndefined();
      expect(after).toEqual(before);
      return;
    }
    expect(changed?.status).toBe(rule.to);
    expect(after.jobs).toEqual([changed]);
    const types = after.events.slice(before.events.length).map((event) => event.type);
    expect(types).toEqual(isTerminal(rule.to) ? ["status", "done"] : ["status"]);
    expect(JSON.parse(after.events[before.events.length]!.data)).toMatchObject({ status: rule.to });
    expect(changed?.finished_at).toBe(isTerminal(rule.to) ? 1234 : null);
    // Whoever held it holds it no more.
    if (rule.to !== "running") expect(changed).toMatchObject({ attempt_token: null, lease_until: null });
  });

  test.each(names.filter((name) => transitions[name].fenced))("%s needs the token of the attempt", async (name) => {
    const { store } = await temporaryStore();
    const id = await queueJob(store);
    await store.updateTable("job").set({ status: "running", attempt_token: token }).execute();
    const before = await contents(store);
    const withToken = (attemptToken?: string) =>
      inTransaction(store, (transaction) =>
        transition(transaction, id, name, { now: 1, ...(attemptToken === undefined ? {} : { attemptToken }) }),
      );
    expect(await withToken("try_of_another")).toBeUndefined();
    await expect(withToken()).rejects.toThrow(/needs an attempt token/);
    expect(await contents(store)).toEqual(before);
  });

  test("has no way out of a final status", () => {
    for (const { from } of Object.values(transitions)) expect(from.filter(isTerminal)).toEqual([]);
  });
});
