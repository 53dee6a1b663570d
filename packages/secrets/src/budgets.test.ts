import { intentDeadlineSeconds } from '@gatehouse/audit'
import { expect, test } from 'vitest'
import {
  activitySeconds,
  claimSeconds,
  longestSweepSeconds,
  proofBudget,
  sweepBudgets,
  sweepRunSeconds,
} from './budgets.ts'

test.each([...Object.entries(sweepBudgets), ['proofs', proofBudget] as const])(
  'the longest sweep of %s ends within its claim, its intent and its activity',
  (_, budget) => {
    expect(longestSweepSeconds(budget)).toBeLessThanOrEqual(claimSeconds)
    expect(sweepRunSeconds + longestSweepSeconds(budget)).toBeLessThanOrEqual(activitySeconds)
  },
)

test('claim, intent and activity hold one another', () => {
  expect(claimSeconds).toBeLessThanOrEqual(intentDeadlineSeconds)
  expect(intentDeadlineSeconds).toBeLessThanOrEqual(activitySeconds)
})
