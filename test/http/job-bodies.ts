// The body of a small valid job, for tests that break one thing of it.

export type JobBody = Record<string, any>;

/** XOR, two epochs: valid as it is. */
export function validJob(): JobBody {
  return {
    architecture: { type: "mlp", hidden: [4] },
    dataset: {
      rows: [
        { a: 0, b: 0, y: 0 },
        { a: 0, b: 1, y: 1 },
        { a: 1, b: 0, y: 1 },
        { a: 1, b: 1, y: 0 },
      ],
      target: "y",
    },
    hyperparameters: { epochs: 2 },
  };
}

/** A valid job with one change. */
export function jobWith(change: (job: JobBody) => void): JobBody {
  const job = validJob();
  change(job);
  return job;
}

/** The same job on a dataset that was uploaded before: quicker, as no process has to read its rows. */
export function jobOn(datasetId: string): JobBody {
  return jobWith((job) => (job.dataset = { id: datasetId, target: "y" }));
}

/** The JSON text of a valid job in which `value` (any text) stands where `epochs` has 2. */
export function jobTextWithEpochs(value: string): string {
  return JSON.stringify(validJob()).replace('"epochs":2', `"epochs":${value}`);
}

/** A job with one fault, and what the server says of it. */
export interface JobFault {
  /** What is wrong, as the test's name has it. */
  what: string;
  change: (job: JobBody) => void;
  pointer: string;
  code: string;
  detail: string | RegExp;
  hint: string | RegExp;
}
