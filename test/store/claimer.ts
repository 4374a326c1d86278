// A process of its own that claims jobs until none is left and prints their ids: real concurrency on one database file.
import { openDatabase } from "../../src/store/database.ts";
import { claimNextJob } from "../../src/store/leases.ts";

const store = openDatabase(process.argv[2]);
for (;;) {
  const claim = await claimNextJob(store, `trainer_${process.pid}`);
  if (claim === undefined) break;
  console.log(claim.job.id);
}
await store.destroy();
