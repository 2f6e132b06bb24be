/**
 * Node for the mutation tests, where the first failure ends its file: by then the mutant is noticed. What comes after
 * would cost time, and may never end, so that a noticed mutant would count as one that ran out of time.
 */
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  hasFailed = false;

  async handleTestEvent({ name, test }) {
    if (name === 'test_done' && test.errors.length > 0) this.hasFailed = true;
    if (name === 'test_start' && this.hasFailed) test.mode = 'skip';
  }
};
