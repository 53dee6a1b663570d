import { expect, it } from 'vitest'
import { parseTestRequest, testsOfChanges } from './chosen-tests.ts'

it('reads what a run is asked for', () => {
  expect(parseTestRequest([])).toEqual({ named: [], changedSince: null, volume: 'sample' })
  expect(parseTestRequest(['packages/ssh'])).toEqual({ named: ['packages/ssh'], changedSince: null, volume: 'sample' })
  expect(parseTestRequest(['--changed'])).toEqual({ named: [], changedSince: 'HEAD', volume: 'sample' })
  expect(parseTestRequest(['--changed=main', '--long'])).toEqual({ named: [], changedSince: 'main', volume: 'full' })
})

it('a change runs the tests of its workspace, and those that drive it from outside', () => {
  expect(testsOfChanges(['packages/cli/src/table.ts'])).toEqual(['packages/cli/', 'test/e2e/cli.test.ts'])
  expect(testsOfChanges(['policies/production/hours.cedar'])).toEqual(['policies/', 'test/e2e/policy.test.ts'])
  expect(testsOfChanges(['test/e2e/audit.test.ts'])).toEqual(['test/e2e/audit.test.ts'])
  expect(testsOfChanges(['README.md'])).toEqual([])
})
