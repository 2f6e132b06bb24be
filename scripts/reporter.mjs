/**
 * A Jest reporter that ends a run with one plain line: `N passed, N failed`, and `, N skipped` when any were.
 *
 * A suite that could not run at all counts as one failure. Jest's own reporter prints everything else.
 */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    const line = `${results.numPassedTests} passed, ${failed} failed${tail}\n`;
    // Jest prints its own summary after every other reporter; the closing line comes last.
    process.once('exit', () => process.stdout.write(line));
  }
}
