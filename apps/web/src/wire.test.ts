import { describe, expect, it } from 'vitest'
import { answerOf, documentOf, variablesOf, wireAnswerOf } from './wire.ts'

describe('what crosses the wire', () => {
  it('shows whatever reorders or hides in a text, and leaves the lines of a file', () => {
    const answer = answerOf('policy.status', { lastError: 'a\u202eb\u0000c\u200bd', version: 'x\ty\n\u2066z' })
    expect(answer).toEqual({ lastError: 'a\ufffdb\ufffdc\ufffdd', version: 'x\ty\n\ufffdz' })
    expect(answerOf('user.list', { edges: [{ node: { displayName: 'שלום 東京' } }], pageInfo: {} })).toMatchObject({
      items: [{ displayName: 'שלום 東京' }],
    })
  })

  it('spells an enum of the input as GraphQL does, and leaves every other field alone', () => {
    expect(
      variablesOf('lease.list', {
        backend: 'ssh-certificate',
        workspace: 'ssh-certificate',
        first: 20,
        after: undefined,
      }),
    ).toEqual({ first: 20, input: { backend: 'SSH_CERTIFICATE', workspace: 'ssh-certificate' } })
  })

  it('sends an empty input where every field may be left out, and none where there is none', () => {
    expect(variablesOf('auth.refresh', {})).toEqual({ input: {} })
    expect(variablesOf('auth.whoami', {})).toEqual({})
    expect(documentOf('auth.whoami').text).not.toContain('$input')
  })

  it("gives back the contract's values, in lists and below them", () => {
    expect(
      answerOf('auth.whoami', { username: 'ADMIN', roles: ['ADMIN', 'OPERATOR'], missing: ['PASSWORD_CHANGE'] }),
    ).toEqual({ username: 'ADMIN', roles: ['Admin', 'Operator'], missing: ['passwordChange'] })
    expect(answerOf('system.status', { health: 'DEGRADED', parts: [{ name: 'temporal', health: 'DOWN' }] })).toEqual({
      health: 'degraded',
      parts: [{ name: 'temporal', health: 'down' }],
    })
  })

  it('takes out of every text what steers, reorders or hides, and leaves line breaks', () => {
    expect(
      answerOf('team.get', { name: 'sre', description: 'a\u202eb\u001b\nc', members: [{ username: 'x\u0000' }] }),
    ).toEqual({ name: 'sre', description: 'a\ufffdb\ufffd\nc', members: [{ username: 'x\ufffd' }] })
  })

  it('reads a connection as a page that knows where to go on', () => {
    const edges = [{ node: { id: 'a', backend: 'SSH_KEY', state: 'ACTIVE' } }]
    expect(answerOf('lease.list', { edges, pageInfo: { hasNextPage: true, endCursor: 'c' } })).toEqual({
      items: [{ id: 'a', backend: 'ssh-key', state: 'active' }],
      nextCursor: 'c',
    })
    expect(answerOf('lease.list', { edges, pageInfo: { hasNextPage: false, endCursor: 'c' } })).toMatchObject({
      nextCursor: null,
    })
  })

  it("survives a round trip through the wire's spelling", () => {
    const page = { items: [{ id: 'a', backend: 'ssh-key', state: 'irrevocable' }], nextCursor: null }
    expect(answerOf('lease.list', wireAnswerOf('lease.list', page))).toEqual(page)
  })
})
