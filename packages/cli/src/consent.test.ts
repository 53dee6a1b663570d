import { afterEach, describe, expect, test } from 'vitest'
import { run, type RunOptions } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const now = new Date('2026-11-29T12:00:00Z')
const key = { id: '01980000-0000-7000-8000-000000000001', name: 'shop-config', state: 'enabled' }
const usage = { ...key, currentVersion: 1, minimumVersion: 1, ciphertexts: 12, versions: [], leaving: null }

const scheduling = async (words: readonly string[], options: RunOptions = {}) => {
  const server = await startWireServer(({ name }) => ({
    output: name === 'kmsKey.usage' ? { ...usage, workflowUrl: null } : { ...key, state: 'pending-deletion' },
  }))
  servers.push(server)
  const line = ['kms-key', 'schedule-deletion', 'shop-config', '--reason', 'a test', ...words]
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' }
  const { code, talk, questions } = await run(line, { now, ...options, env })
  return { code, talk, questions, calls: server.calls.map(({ name, input }) => [name, input]) }
}

describe('a key that is scheduled for deletion', () => {
  const scheduled = { id: 'shop-config', reason: 'a test' }

  test('is said with what is lost, and goes with the number that was read', async () => {
    const { code, questions, calls } = await scheduling(['--days', '7'], { typed: ['y'] })
    expect(code).toBe(0)
    expect(questions).toEqual([
      expect.stringMatching(/shop-config, which is enabled now.*\n.*2026-12-06.*12 ciphertexts can never be decrypted/),
    ])
    expect(calls).toEqual([
      ['kmsKey.usage', { key: 'shop-config' }],
      ['kmsKey.scheduleDeletion', { ...scheduled, days: 7, losing: 12 }],
    ])
  })

  test('goes with the number that was typed, where one was', async () => {
    const { calls, questions } = await scheduling(['--losing', '3'], { typed: ['yes'] })
    expect(questions[0]).toContain('2026-12-29')
    expect(calls.at(-1)).toEqual(['kmsKey.scheduleDeletion', { ...scheduled, losing: 3 }])
  })

  test.each([[''], ['n'], ['maybe']])('stays where the answer is `%s`', async (answer) => {
    const { code, calls } = await scheduling([], { typed: [answer] })
    expect(code).toBe(2)
    expect(calls.map(([name]) => name)).toEqual(['kmsKey.usage'])
  })

  test('wants --yes where nobody can be asked, and asks nothing then', async () => {
    const unasked = await scheduling([])
    expect([unasked.code, unasked.calls]).toEqual([2, []])
    expect(unasked.talk).toContain('--yes: is missing')
    const consented = await scheduling(['--yes'])
    expect([consented.code, consented.questions]).toEqual([0, []])
    expect(consented.calls).toEqual([['kmsKey.scheduleDeletion', scheduled]])
  })
})

describe('a rollback that names no policy set', () => {
  const [current, same, before] = ['a1', 'a2', 'a3'].map((end) => `01980000-0000-7000-8000-0000000000${end}`)
  const set = { at: '2026-11-29T11:00:00Z', kind: 'published', policies: 3, changedBy: null, reason: null }
  const items = [
    { ...set, id: current, version: 'v2', inForce: true },
    { ...set, id: same, version: 'v2', inForce: false },
    { ...set, id: before, version: 'v1', inForce: false, reason: 'office hours' },
  ]
  const rollingBack = async (
    words: readonly string[],
    options: RunOptions = {},
    history: readonly object[] = items,
  ) => {
    const server = await startWireServer(({ name }) => ({
      output: name === 'policy.history' ? { items: history, nextCursor: null } : { version: 'v1' },
    }))
    servers.push(server)
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' }
    const line = ['policy', 'rollback', '--reason', 'a test', '--json', ...words]
    const { code, talk, questions } = await run(line, { now, ...options, env })
    return { code, talk, questions, sent: server.calls.filter(({ name }) => name === 'policy.rollback') }
  }

  test('is asked with the set that it goes back to, and goes to that very set', async () => {
    const { code, questions, sent } = await rollingBack([], { typed: ['y'] })
    expect([code, questions]).toEqual([
      0,
      [expect.stringMatching(new RegExp(`${before}: published 60 min ago .*, because "office hours"; 3 policies`))],
    ])
    expect(sent.map(({ input }) => input)).toEqual([{ to: before, reason: 'a test' }])
  })

  test('does nothing where the answer is no, and is not asked where there is nothing to go back to', async () => {
    const refused = await rollingBack([], { typed: ['n'] })
    expect([refused.code, refused.sent]).toEqual([2, []])
    const alone = await rollingBack([], { typed: [] }, items.slice(0, 2))
    expect([alone.questions, alone.sent.length]).toEqual([[], 1])
  })

  test('in a script wants the set or --yes, by which the server finds it', async () => {
    const unasked = await rollingBack([])
    expect([unasked.code, unasked.sent, unasked.questions]).toEqual([2, [], []])
    expect(JSON.parse(unasked.talk)).toMatchObject({ error: { code: 'invalid-input', fields: [{ path: 'to' }] } })
    const { code, sent } = await rollingBack(['--yes'])
    expect([code, sent.map(({ input }) => input)]).toEqual([0, [{ reason: 'a test' }]])
  })
})
