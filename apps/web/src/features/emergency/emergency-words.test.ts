import { describe, expect, it } from 'vitest'
import {
  countsWords,
  groupedDeeds,
  lengthWords,
  reviewMark,
  standingWords,
  stateMark,
  whyNotActivate,
  voidWords,
  whyNotFinish,
  whyNotReview,
  whyNotVote,
  type Request,
} from './emergency-words.ts'

const pending = {
  state: 'pending',
  missing: 2,
  drill: false,
  denials: [] as Request['denials'],
  closedReason: null,
  requester: 'u1',
  requesterName: 'ada',
} as const

describe('a request for emergency access', () => {
  it('says where it stands', () => {
    expect(standingWords(pending)).toBe('Waiting for 2 more approvers.')
    expect(standingWords({ ...pending, missing: 1 })).toBe('Waiting for 1 more approver.')
    expect(standingWords({ ...pending, missing: null })).toContain('cannot be met')
    expect(standingWords({ ...pending, drill: true })).toMatch(/^Drill: no access comes of it/)
    expect(standingWords({ ...pending, state: 'cancelled', closedReason: 'it came back' })).toContain('It came back.')
    expect(stateMark({ state: 'lapsed' })).toBe('not approved in time')
  })

  it('names the teams that denied it, each once', () => {
    const no = (team: string) => ({ principal: 'x', principalId: 'x', team, at: '', reason: 'no' })
    const denials = [no('dba'), no('sre'), no('sre')]
    expect(standingWords({ ...pending, state: 'denied', denials })).toBe('Denied by team dba and team sre.')
  })

  it('is voted on only by who can, and says why not', () => {
    const asked = { state: 'pending', whyNotYou: null, approvals: [] as Request['approvals'] } as const
    expect(whyNotVote(asked, 'u2')).toBeNull()
    expect(whyNotVote({ ...asked, whyNotYou: 'asked for it; two others decide' }, 'u1')).toBe(
      'Your account asked for it; two others decide.',
    )
    expect(whyNotVote({ ...asked, state: 'lapsed' }, 'u2')).toBe('This request is already over.')
    const mine = { principal: 'b', principalId: 'u2', team: 'sre', at: '', method: 'totp', uncounted: null } as const
    expect(whyNotVote({ ...asked, approvals: [mine] }, 'u2')).toMatch(/already approved/)
  })

  it('is activated by its requester alone, once it is approved, and never a drill', () => {
    expect(whyNotActivate({ ...pending, state: 'approved' }, 'u1')).toBeNull()
    expect(whyNotActivate({ ...pending, state: 'approved' }, 'u2')).toMatch(/Only ada/)
    expect(whyNotActivate(pending, 'u1')).toMatch(/2 more/)
    expect(whyNotActivate({ ...pending, state: 'approved', drill: true }, 'u1')).toMatch(/drill/)
  })
})

describe('a drill and a change', () => {
  it('a drill is finished once it is approved, and says that no session has ended', () => {
    expect(whyNotFinish({ ...pending, state: 'approved' })).toBeNull()
    expect(whyNotFinish(pending)).toMatch(/2 more/)
    expect(standingWords({ ...pending, state: 'ended', drill: true })).not.toContain('has ended')
  })

  it('a change says how many votes it makes void', () => {
    const vote = { principal: 'b', principalId: 'u2', team: 'sre', at: '', method: 'totp', uncounted: null } as const
    expect(voidWords({ approvals: [], denials: [] })).toBeNull()
    expect(voidWords({ approvals: [vote], denials: [] })).toBe('1 vote on this request becomes void.')
    expect(voidWords({ approvals: [vote, vote], denials: [] })).toBe('2 votes on this request become void.')
  })
})

describe('an approval', () => {
  it('counts for a team, stands behind another, or says why it does not count', () => {
    expect(countsWords({ team: 'sre', uncounted: null })).toBe('counts for team sre')
    expect(countsWords({ team: null, uncounted: null })).toMatch(/not needed/)
    expect(countsWords({ team: null, uncounted: 'is disabled' })).toBe('does not count: this account is disabled')
  })
})

it('an emergency session is reviewed after its end, once, by neither its person nor its approvers', () => {
  const ended = { state: 'ended' as const, requester: 'u1', review: null, approvers: ['boris'] }
  const by = (id: string, username: string) => ({ id, username })
  expect(whyNotReview(ended, by('u3', 'carla'))).toBeNull()
  expect(whyNotReview(ended, by('u1', 'ada'))).toMatch(/your own/)
  expect(whyNotReview(ended, by('u2', 'boris'))).toMatch(/approved/)
  expect(whyNotReview({ ...ended, state: 'active' }, by('u3', 'carla'))).toMatch(/ended/)
})

it('a justification is counted while it is written', () => {
  expect(lengthWords('')).toBe('20 more characters needed.')
  expect(lengthWords('the database is dow')).toBe('1 more character needed.')
  expect(lengthWords('the database is down')).toBe('20 of at most 1000 characters.')
})

it('a review is due from the end on, and overdue 48 hours later', () => {
  const now = Date.parse('2026-11-28T21:00:00Z')
  const ended = { state: 'ended', review: null, reviewDueAt: '2026-11-30T21:00:00Z' } as const
  expect(reviewMark(ended, now)).toBe('review due')
  expect(reviewMark({ ...ended, reviewDueAt: '2026-11-28T20:59:00Z' }, now)).toBe('review overdue')
  expect(reviewMark({ ...ended, state: 'active', reviewDueAt: null }, now)).toBe('not due yet')
})

it('what was done is grouped by action and outcome, most often first', () => {
  const deed = (action: string, outcome = 'allowed') => ({ action, outcome })
  const deeds = [
    deed('sshHost.list'),
    deed('sshCertificate.sign'),
    deed('sshCertificate.sign'),
    deed('user.list', 'refused'),
  ]
  expect(groupedDeeds(deeds)).toEqual([
    { action: 'sshCertificate.sign', outcome: 'allowed', count: 2 },
    { action: 'sshHost.list', outcome: 'allowed', count: 1 },
    { action: 'user.list', outcome: 'refused', count: 1 },
  ])
})
