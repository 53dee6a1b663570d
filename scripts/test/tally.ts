/** How much passed and how much failed. */
export interface Tally {
  readonly passed: number
  readonly failed: number
}

/** Adds two counts. */
export const add = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
})

/** One suite that counts as a whole. */
export const whole = (ok: boolean): Tally => (ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

/**
 * Counts a test run by the JSON report it leaves.
 * A file that could not be loaded has no tests to fail, a stray error belongs to none, and a runner that died leaves no
 * report: each is a failure.
 */
export const tallyReport = (report: unknown, exitCode: number | null): Tally => {
  if (!isReport(report)) return whole(false)
  const passed = report.numPassedTests
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length
  const failed = report.numFailedTests + unloadable
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed }
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

const isReport = (value: unknown): value is Report =>
  typeof value === 'object' &&
  value !== null &&
  'numPassedTests' in value &&
  typeof value.numPassedTests === 'number' &&
  'numFailedTests' in value &&
  typeof value.numFailedTests === 'number' &&
  'testResults' in value &&
  Array.isArray(value.testResults)
