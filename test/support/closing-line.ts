import type { AggregatedResult, Reporter } from "@jest/reporters";

/** Prints the counts of a run as one plain line, for people and for continuous integration. */
export default class ClosingLine implements Reporter {
  onRunComplete(_contexts: unknown, { numPassedTests, numFailedTests, numPendingTests }: AggregatedResult): void {
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
    console.log(`\n${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
  }
}
