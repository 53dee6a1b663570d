import { expect, it } from 'vitest'
import { tallyReport } from './tally.ts'

const report = (
  passed: number,
  failed: number,
  ...files: { status: string; assertionResults: { status: string }[] }[]
) => ({ numPassedTests: passed, numFailedTests: failed, testResults: files })

it('counts what passed and what failed', () => {
  expect(tallyReport(report(3, 1, { status: 'failed', assertionResults: [{ status: 'failed' }] }), 1)).toEqual({
    passed: 3,
    failed: 1,
  })
})

it('a file that could not be loaded is a failure', () => {
  expect(tallyReport(report(3, 0, { status: 'failed', assertionResults: [] }), 1)).toEqual({ passed: 3, failed: 1 })
})

it('an error outside every test is a failure', () => {
  expect(tallyReport(report(3, 0), 1)).toEqual({ passed: 3, failed: 1 })
})

it('a runner that left no report is a failure', () => {
  expect(tallyReport(null, null)).toEqual({ passed: 0, failed: 1 })
  expect(tallyReport({}, 0)).toEqual({ passed: 0, failed: 1 })
})

it('all passed is all passed', () => {
  expect(tallyReport(report(3, 0), 0)).toEqual({ passed: 3, failed: 0 })
})
