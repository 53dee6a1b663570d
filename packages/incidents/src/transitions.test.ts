import { incidentStates } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { authorityDueAt, breachClocks, isOver, move, nextStates, respondBy, type Standing } from './transitions.ts'

const since = new Date('2026-11-28T08:00:00Z')
const hours = (count: number): Date => new Date(since.getTime() + count * 3_600_000)
const standing: Standing = { state: 'detected', since, openActions: 0, breach: false, notifiedAt: null }
const step = { at: null, now: hours(1), unfinished: null } as const

test('only declared transitions are taken, of all that there are', () => {
  const taken = incidentStates.flatMap((state) =>
    incidentStates
      .filter((to) => move({ ...standing, state }, { ...step, to }).problem === null)
      .map((to) => `${state} > ${to}`),
  )
  expect(taken).toEqual([
    'detected > triaged',
    'detected > false-positive',
    'triaged > contained',
    'triaged > false-positive',
    'contained > eradicated',
    'eradicated > recovered',
    'recovered > post-mortem',
    'post-mortem > closed',
  ])
})

test('every incident can come to an end, and an end is one', () => {
  for (const first of incidentStates) {
    let reached: readonly (typeof first)[] = [first]
    while (!reached.some(isOver)) reached = reached.flatMap((state) => nextStates[state])
    expect(reached.some(isOver)).toBe(true)
  }
  expect(incidentStates.filter(isOver)).toEqual(['closed', 'false-positive'])
})

test('times of steps never go back, and never ahead', () => {
  expect(move(standing, { ...step, to: 'triaged', at: hours(-1) })).toEqual({ problem: 'too-early' })
  expect(move(standing, { ...step, to: 'triaged', at: hours(2) })).toEqual({ problem: 'in-future' })
  expect(move(standing, { ...step, to: 'triaged', at: hours(0.5) })).toEqual({ at: hours(0.5), problem: null })
  expect(move(standing, { ...step, to: 'triaged' })).toEqual({ at: hours(1), problem: null })
})

test('a clock that was set back makes a step as old as the last', () => {
  expect(move(standing, { ...step, to: 'triaged', now: hours(-1) })).toEqual({ at: since, problem: null })
})

test('an incident is not closed while an action is open, or the authority not told, without a reason', () => {
  const open = { ...standing, state: 'post-mortem', openActions: 2, breach: true } as const
  expect(move(open, { ...step, to: 'closed' })).toEqual({
    problem: 'unfinished',
    left: ['2 actions are open', 'the authority was not told of the breach'],
  })
  expect(move(open, { ...step, to: 'closed', unfinished: 'tracked elsewhere' }).problem).toBeNull()
  expect(move({ ...open, openActions: 0, notifiedAt: since }, { ...step, to: 'closed' }).problem).toBeNull()
})

test('the more severe, the sooner somebody has to respond', () => {
  const due = (['critical', 'high', 'medium', 'low'] as const).map((severity) => respondBy(severity, since))
  expect(due).toEqual([hours(0.25), hours(1), hours(8), hours(72)])
})

test('a breach is told to the authority 72 hours after its detection, with warnings at 24, 48 and 66', () => {
  expect(authorityDueAt(since)).toEqual(hours(72))
  expect(breachClocks(since, hours(1))).toEqual([
    { name: 'authority-24h', dueAt: hours(24) },
    { name: 'authority-48h', dueAt: hours(48) },
    { name: 'authority-66h', dueAt: hours(66) },
    { name: 'authority-72h', dueAt: hours(72) },
  ])
})

test('a breach that is found late is told of once for the hours that have passed', () => {
  expect(breachClocks(since, hours(50)).map(({ name }) => name)).toEqual([
    'authority-48h',
    'authority-66h',
    'authority-72h',
  ])
  expect(breachClocks(since, hours(90)).map(({ name }) => name)).toEqual(['authority-72h'])
})
