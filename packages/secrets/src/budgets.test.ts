import { intentDeadlineSeconds } from '@gatehouse/audit'
import { expect, test } from 'vitest'
import { activitySeconds, claimSeconds, longestSweepSeconds, sweepBudgets } from './budgets.ts'

test.each(Object.entries(sweepBudgets))(
  'the longest sweep of %s ends within its claim, its intent and its activity',
  (_, budget) => {
    expect(longestSweepSeconds(budget)).toBeLessThanOrEqual(claimSeconds)
  },
)

test('claim, intent and activity hold one another', () => {
  expect(claimSeconds).toBeLessThanOrEqual(intentDeadlineSeconds)
  expect(intentDeadlineSeconds).toBeLessThanOrEqual(activitySeconds)
})
