// Adds up vitest's JSON reports. Arguments: how many steps failed, then the reports. Ends with "N passed, N failed".
import { readFileSync } from "node:fs";

const [failedSteps, ...paths] = process.argv.slice(2);
const reports = paths.map((path) => JSON.parse(readFileSync(path, "utf8")));
const total = (key) => reports.reduce((sum, report) => sum + report[key], 0);
// A step that failed without a failing test (a type error, a crash) must not be lost in the count.
const failed = Math.max(total("numFailedTests"), Number(failedSteps));
console.log(`${total("numPendingTests")} skipped`);
console.log(`${total("numPassedTests")} passed, ${failed} failed`);
process.exitCode = failed === 0 && total("numPassedTests") > 0 ? 0 : 1;
