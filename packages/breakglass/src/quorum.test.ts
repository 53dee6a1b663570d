import { expect, test } from 'vitest'
import { countVotes, whyCannotVote, type ApprovalRule, type Count, type Person, type Vote } from './index.ts'

const now = new Date('2026-03-01T12:00:00Z')
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000)

const person = (id: string, teams: readonly string[], changed: Partial<Person> = {}): Person => ({
  id,
  kind: 'person',
  active: true,
  roles: ['Admin'],
  teams,
  marks: [id],
  gifts: [],
  ...changed,
})

const requester = person('requester', ['sre'])
const yes = (by: string, hash = 'this'): Omit<Vote, 'place'> => ({ by, says: 'approve', hash, team: null })
const no = (by: string, team: string): Omit<Vote, 'place'> => ({ by, says: 'deny', hash: 'this', team })

const two: ApprovalRule = { people: 2, roles: ['Admin', 'Operator'] }

const count = (
  people: readonly Person[],
  votes: readonly Omit<Vote, 'place'>[],
  rule: ApprovalRule | null = two,
): Count => ({
  rule,
  hash: 'this',
  requester,
  people: new Map([requester, ...people].map((one) => [one.id, one])),
  votes: votes.map((vote, place) => ({ ...vote, place })),
  now,
})

const a = person('a', ['platform'])
const b = person('b', ['network'])
const c = person('c', ['platform', 'network'])

test('two people of two teams are enough, and it is said who stands for which', () => {
  expect(countVotes(count([a, b], [yes('a'), yes('b')]))).toEqual({
    met: true,
    missing: 0,
    standing: [
      { id: 'a', team: 'platform' },
      { id: 'b', team: 'network' },
    ],
    denied: [],
    uncounted: new Map(),
  })
})

test.each<readonly [string, Count, number | null]>([
  ['nobody', count([a, b], []), 2],
  ['one', count([a, b], [yes('a')]), 1],
  ['one twice', count([a, b], [yes('a'), yes('a')]), 1],
  ['two of one team', count([a, person('d', ['platform'])], [yes('a'), yes('d')]), 1],
  ['two on the version before', count([a, b], [yes('a', 'before'), yes('b', 'before')]), 2],
  ['two without a rule', count([a, b], [yes('a'), yes('b')], null), null],
  ['two by a rule that cannot be', count([a, b], [yes('a'), yes('b')], { people: 0, roles: ['Admin'] }), null],
  ['the wrong roles', count([a, person('d', ['network'], { roles: ['Viewer'] })], [yes('a'), yes('d')]), 1],
])('%s is not enough', (_name, given, missing) => {
  expect(countVotes(given)).toMatchObject({ met: false, missing })
})

test('who is in two teams stands for the one that nobody else can stand for', () => {
  expect(countVotes(count([a, c], [yes('c'), yes('a')])).standing).toEqual([
    { id: 'c', team: 'network' },
    { id: 'a', team: 'platform' },
  ])
})

test('each person stands for one place only, and gives way where another is needed', () => {
  const operator = person('o', ['network'], { roles: ['Operator'] })
  const both = person('both', ['platform'], { roles: ['Admin', 'Operator'] })
  const rule: ApprovalRule = {
    allOf: [
      { people: 1, roles: ['Operator'] },
      { people: 1, roles: ['Admin'] },
    ],
  }
  expect(countVotes(count([both], [yes('both')], rule))).toMatchObject({ met: false, missing: 1 })
  expect(countVotes(count([both, operator], [yes('both'), yes('o')], rule))).toMatchObject({ met: true })
})

test('in a sequence a yes that came too early does not count for the later part', () => {
  const operator = person('o', ['network'], { roles: ['Operator'] })
  const rule: ApprovalRule = {
    inSequence: [
      { people: 1, roles: ['Operator'] },
      { people: 1, roles: ['Admin'] },
    ],
  }
  expect(countVotes(count([a, operator], [yes('a'), yes('o')], rule))).toMatchObject({ met: false, missing: 1 })
  expect(countVotes(count([a, operator], [yes('o'), yes('a')], rule))).toMatchObject({ met: true })
  expect(whyCannotVote(count([a, operator], [], rule), 'a')).toContain('has a later turn')
  expect(whyCannotVote(count([a, operator], [yes('o')], rule), 'a')).toBeNull()
})

test.each<readonly [string, Person, string]>([
  ['a program', person('b', ['network'], { kind: 'program' }), 'is a program; only people approve'],
  ['a disabled account', person('b', ['network'], { active: false }), 'is disabled or locked'],
  ['a second account', person('b', ['network'], { marks: ['b', 'a'] }), 'is another account of a person who has'],
  [
    "the requester's second account",
    person('b', ['network'], { marks: ['requester'] }),
    'is another account of the person who asked',
  ],
  ['a colleague of the requester alone', person('b', ['sre']), 'is only in teams of the person who asked'],
  ['nobody in a team', person('b', []), 'is in no team that counts here'],
  [
    'an account that the requester made',
    person('b', ['network'], { gifts: [{ by: 'requester', at: daysAgo(6), what: 'account' }] }),
    'got their account or an authenticator from somebody in this request',
  ],
  [
    'a role that another voter gave',
    person('b', ['network'], { gifts: [{ by: 'a', at: daysAgo(6), what: { role: 'Admin' } }] }),
    'has no role that',
  ],
  [
    'a team that the requester gave',
    person('b', ['network'], { gifts: [{ by: 'requester', at: daysAgo(6), what: { team: 'network' } }] }),
    'is in no team that is older than 7 days',
  ],
  [
    'a team that they gave themselves',
    person('b', ['network'], { gifts: [{ by: 'b', at: daysAgo(6), what: { team: 'network' } }] }),
    'is in no team that is older than 7 days',
  ],
  [
    'a role that they gave themselves',
    person('b', ['network'], { gifts: [{ by: 'b', at: daysAgo(6), what: { role: 'Admin' } }] }),
    'has no role that is older than 7 days',
  ],
  [
    'a gift of a time to come, after the clock was set back',
    person('b', ['network'], { gifts: [{ by: 'requester', at: daysAgo(-1), what: 'account' }] }),
    'got their account',
  ],
])('%s does not count, and it is said why', (_name, voter, words) => {
  const found = countVotes(count([a, voter], [yes('a'), yes('b')]))
  expect(found.met).toBe(false)
  expect(found.uncounted.get('b')).toContain(words)
})

test('nobody stands for a second team that they gave themselves within a week, beside another of their first', () => {
  const within = (days: number): Person =>
    person('b', ['platform', 'network'], { gifts: [{ by: 'b', at: daysAgo(days), what: { team: 'network' } }] })
  const given = (days: number): Count => count([a, within(days)], [yes('a'), yes('b')])
  expect(countVotes(given(6))).toMatchObject({ met: false, missing: 1 })
  expect(countVotes(given(8)).met).toBe(true)
})

test('nobody denies for a team that they gave themselves within a week', () => {
  const own = person('b', ['network'], { gifts: [{ by: 'b', at: daysAgo(1), what: { team: 'network' } }] })
  expect(whyCannotVote(count([a, own], []), 'b')).toContain('is in no team that is older than 7 days')
})

test('what one got from others, or long ago, counts', () => {
  const gifts = [
    { by: 'somebody', at: daysAgo(1), what: 'account' as const },
    { by: 'requester', at: daysAgo(8), what: 'account' as const },
    { by: 'b', at: daysAgo(1), what: 'account' as const },
  ]
  expect(countVotes(count([a, person('b', ['network'], { gifts })], [yes('a'), yes('b')])).met).toBe(true)
})

test('a team that says no takes its yes back and gives none any more', () => {
  const d = person('d', ['network'])
  const given = count([a, b, d], [yes('a'), yes('b'), no('d', 'network')])
  expect(countVotes(given)).toMatchObject({ met: false, missing: 1, denied: ['network'] })
  const e = person('e', ['storage'])
  expect(countVotes(count([a, b, d, e], [yes('a'), yes('b'), no('d', 'network'), yes('e')]))).toMatchObject({
    met: true,
  })
})

test('two teams that say no end it, however many say yes', () => {
  const voters = ['a', 'b', 'c', 'd'].map((id) => person(id, [`team-${id}`]))
  const votes = [yes('a'), yes('b'), no('c', 'team-c'), no('d', 'team-d')]
  expect(countVotes(count(voters, votes))).toMatchObject({ met: false, missing: 0, denied: ['team-c', 'team-d'] })
})

test('one person says no for one team only, and says it once', () => {
  const votes = [no('c', 'platform'), no('c', 'network'), yes('c')]
  const given = count([a, b, c], votes)
  expect(countVotes(given).denied).toEqual(['platform'])
  expect(whyCannotVote(given, 'c')).toBe('has denied it, which stays')
})

test('a no stays when who said it is gone', () => {
  const d = person('d', ['network'], { active: false })
  expect(countVotes(count([a, b, d], [no('d', 'network'), yes('a'), yes('b')])).met).toBe(false)
})

test('who may vote is told before they do', () => {
  const viewer = person('v', ['network'], { roles: ['Viewer'] })
  const given = count([a, b, viewer], [no('a', 'platform')])
  expect(whyCannotVote(given, 'b')).toBeNull()
  expect(whyCannotVote(given, 'v')).toBe('has no role that the rule asks for')
  expect(whyCannotVote(given, 'requester')).toBe('asked for it; two others decide')
  expect(whyCannotVote(given, 'stranger')).toBe('has no account any more')
  expect(whyCannotVote(count([a, person('d', ['platform'])], [no('a', 'platform')]), 'd')).toBe(
    'is only in teams that have denied it',
  )
})
