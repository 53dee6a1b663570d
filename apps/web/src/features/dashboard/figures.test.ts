import { describe, expect, it } from 'vitest'
import { burstOf, figuresOf, shareWords, sparkPoints, sparkWords, type Figures } from './figures.ts'

const hour = (index: number, count: number): Figures['failedLoginsByHour'][number] => ({
  hour: `2026-11-23T${String(index).padStart(2, '0')}:00:00.000Z`,
  count,
})
const quiet: Figures = {
  at: '2026-11-23T12:00:00Z',
  peopleActive: 3,
  peopleDisabled: 0,
  peopleEnrolled: 3,
  coverage: [],
  failedLogins: 0,
  failedLoginsByHour: [hour(0, 0), hour(1, 0)],
  accountsLocked: 0,
  sessionsActive: 2,
  sessionsWithoutMfa: 0,
  apiTokensActive: 1,
  apiTokensExpiring: 0,
  apiTokensUnused: 0,
  approvalsPending: 0,
  backupCodesLow: 0,
  serviceAccountsActive: 1,
}

describe('the dashboard', () => {
  it('warns of nothing while all is well, and puts what needs attention first', () => {
    expect(figuresOf(quiet).every(({ tone }) => tone === 'calm')).toBe(true)
    expect(figuresOf({ ...quiet, backupCodesLow: 2 })[0]).toMatchObject({
      count: 2,
      name: 'people low on backup codes',
      tone: 'warn',
    })
    expect(figuresOf({ ...quiet, peopleEnrolled: 1 })[0]).toMatchObject({
      count: 2,
      name: 'people without a second factor',
    })
  })

  it('speaks of one as of one, and of none and many as of many', () => {
    const namesOf = (count: number): string[] =>
      figuresOf({
        ...quiet,
        accountsLocked: count,
        sessionsActive: count,
        sessionsWithoutMfa: count,
        apiTokensActive: count,
        apiTokensExpiring: count,
        apiTokensUnused: count,
        approvalsPending: count,
        backupCodesLow: count,
        serviceAccountsActive: count,
        peopleDisabled: count,
        peopleActive: count,
        peopleEnrolled: 0,
      }).map(({ name, detail }) => `${name} (${detail})`)
    const many = /approvals|accounts|sessions|tokens|people|are/
    const ofOne = namesOf(1)
      .join('\n')
      .replaceAll(/including personal tokens|revoke tokens .*|unlock under Users/g, '')
    expect(ofOne.match(new RegExp(many, 'g'))).toBeNull()
    for (const count of [0, 2]) expect(namesOf(count).filter((text) => !many.test(text))).toEqual([])
  })

  it('leads from every figure to where it can be looked at', () => {
    expect(figuresOf(quiet).every(({ href }) => href.startsWith('/'))).toBe(true)
  })

  it('says what the spark line shows', () => {
    const hours = [hour(0, 1), hour(1, 5), hour(2, 2), hour(3, 0)]
    expect(sparkWords({ ...quiet, failedLogins: 8, failedLoginsByHour: hours }, (at) => at.slice(11, 16))).toBe(
      '8 failed log-ins in the last 24 hours; most in the hour from 01:00 (5), the last in the hour from 02:00.',
    )
    expect(sparkWords(quiet, String)).toMatch(/^No failed log-in/)
    expect(sparkPoints([0, 5, 10])).toBe('0.0,29.0 50.0,15.0 100.0,1.0')
    expect(sparkPoints([0, 0])).toBe('0.0,29.0 100.0,29.0')
  })

  it('names the hour in which somebody is trying, and none for a typing error', () => {
    expect(burstOf({ ...quiet, failedLogins: 40, failedLoginsByHour: [hour(0, 3), hour(1, 37)] })?.count).toBe(37)
    expect(burstOf({ ...quiet, failedLogins: 3, failedLoginsByHour: [hour(0, 3)] })).toBeNull()
    expect(
      burstOf({ ...quiet, failedLogins: 90, failedLoginsByHour: [hour(0, 30), hour(1, 30), hour(2, 30)] }),
    ).toBeNull()
  })

  it.each([
    [7, 9, '7 of 9 (77 %)'],
    [3, 3, '3 of 3 (100 %)'],
    [0, 0, 'no one has this role'],
  ])('%d of %d is %s: never rounded up to all', (part, whole, words) => {
    expect(shareWords(part, whole)).toBe(words)
  })
})
