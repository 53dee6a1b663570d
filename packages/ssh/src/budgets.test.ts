import { intentDeadlineSeconds } from '@gatehouse/audit'
import { scheduledRunSeconds } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { roundBudget } from './budgets.ts'
import { sshSchedules } from './schedules.ts'
import { lockSeconds, lockWaitSecondsMax, visitSecondsMax } from './visit-times.ts'

/** What is left for writing down what a round brought. */
const settleSeconds = 10

test('a round, its intent, its activity and its schedule hold one another', () => {
  expect(roundBudget.seconds + settleSeconds).toBeLessThanOrEqual(intentDeadlineSeconds)
  expect(intentDeadlineSeconds).toBeLessThanOrEqual(scheduledRunSeconds)
  for (const { everySeconds } of sshSchedules) expect(scheduledRunSeconds).toBeLessThanOrEqual(everySeconds)
})

test('a visit, its lock, the wait for it and its intent hold one another', () => {
  expect(visitSecondsMax).toBeLessThan(roundBudget.visitSeconds)
  expect(roundBudget.visitSeconds).toBeLessThanOrEqual(lockSeconds)
  expect(lockSeconds).toBeLessThan(lockWaitSecondsMax)
  expect(lockWaitSecondsMax + roundBudget.visitSeconds).toBeLessThanOrEqual(intentDeadlineSeconds)
})
