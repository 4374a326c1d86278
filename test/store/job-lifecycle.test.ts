// The lifecycle table, exhaustively: every transition from every status is either legal and recorded, or changes nothing.
import { describe, expect, test } from "vitest";
import { jobStatuses } from "../../src/contract/job.ts";
import { inTransaction, type Store } from "../../src/store/database.ts";
import { isTerminal, transition, type TransitionName, transitions } from "../../src/store/job-lifecycle.ts";
import { queueJob, temporaryStore } from "./construction.ts";

const names = Object.keys(transitions) as TransitionName[];
const pairs = jobStatuses.flatMap((status) => names.map((name) => ({ status, name })));
const isLegal = ({ status, name }: (typeof pairs)[number]) =>
  (transitions[name].from as readonly string[]).includes(status);
const legal = pairs.filter(isLegal);
const illegal = pairs.filter((pair) => !isLegal(pair));
const token = "try_of_this_test";

const contents = async (store: Store) => ({
  jobs: await store.selectFrom("job").selectAll().execute(),
  events: await store.selectFrom("event").selectAll().orderBy("sequence").execute(),
});

describe("the lifecycle", () => {
  /** A job in this status, then the transition. */
  async function attempt({ status, name }: (typeof pairs)[number]) {
    const { store } = await temporaryStore();
    const id = await queueJob(store);
    const held = status === "running" ? { attempt_token: token, trainer_id: "t", lease_until: 1 } : {};
    await store
      .updateTable("job")
      .set({ status, ...held })
      .execute();
    const before = await contents(store);
    const changed = await inTransaction(store, (transaction) =>
      transition(transaction, id, name, { attemptToken: token, now: 1234 }),
    );
    return { before, changed, after: await contents(store) };
  }

  test.each(illegal)("has no $name of a job that is $status: nothing changes", async (pair) => {
    const { before, changed, after } = await attempt(pair);
    expect(changed).toBeUndefined();
    expect(after).toEqual(before);
  });

  test.each(legal)("has $name of a job that is $status, recorded with its event", async (pair) => {
    const { before, changed, after } = await attempt(pair);
    const { to } = transitions[pair.name];
    const final = isTerminal(to);
    expect(after.jobs).toEqual([changed]);
    expect(changed).toMatchObject({ status: to, finished_at: final ? 1234 : null });
    const added = after.events.slice(before.events.length);
    expect(added.map((event) => event.type)).toEqual(final ? ["status", "done"] : ["status"]);
    expect(JSON.parse(added[0].data)).toMatchObject({ status: to });
  });

  test.each(legal.filter(({ name }) => name !== "claim"))(
    "leaves nobody holding the job after $name of one that is $status",
    async (pair) => {
      const { changed } = await attempt(pair);
      expect(changed).toMatchObject({ attempt_token: null, trainer_id: null, lease_until: null });
    },
  );

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
