// Once more at the very end what failed and why: where only the end of the output is kept, it is not lost among attachments.
import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';

const LINES = 8;

export default class Failures implements Reporter {
  #suite?: Suite;

  onBegin(_config: FullConfig, suite: Suite) {
    this.#suite = suite;
  }

  onEnd() {
    for (const test of this.#suite?.allTests() ?? []) {
      if (test.ok() || test.results.length === 0) continue;
      const message = test.results.flatMap(({ errors }) => errors.map(({ message }) => message ?? '')).join('\n');
      // Without the colours of the terminal.
      const lines = message.replace(/\x1b\[[0-9;]*m/g, '').split('\n').filter((line) => line.trim());
      console.log(`\nfailed: ${test.title}\n  ${lines.slice(0, LINES).join('\n  ')}`);
    }
  }

  printsToStdio() {
    return false;
  }
}
