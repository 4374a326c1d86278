// Messages between the server and a trainer process it keeps. Hints only: what counts is in the database.
export type ToTrainer = { kind: "wake" } | { kind: "stop" };

export type FromTrainer = { kind: "ready"; kernels: string } | { kind: "job_changed"; jobId: string };
