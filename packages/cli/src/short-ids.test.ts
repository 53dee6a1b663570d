// Ids as people meet them: short in tables, taken back as they were printed, and never guessed.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'
import { shortIds } from './short-id.ts'

const now = new Date('2026-11-23T12:00:00Z')
const idOf = (time: string, more = '7000-8000-000000000001'): string => `${time}-${more}`
const [first, second, twin] = [
  idOf('019a1b2c-3d4e'),
  idOf('019a1b2c-3d4f'),
  idOf('019a1b2c-3d4e', '7fff-8000-000000000002'),
]
const lease = (id: string, role = 'deploy@db-1') => ({
  id,
  backend: 'ssh-certificate',
  revocability: 'denies',
  revokedWithinSeconds: 60,
  role,
  workspace: 'default',
  purpose: 'look',
  principal: first,
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  issuedAt: '2026-11-23T11:59:00.000Z',
  expiresAt: '2026-11-23T12:42:00.000Z',
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
  workflowUrl: null,
  hostId: null,
})

let server: WireServer
let leases: readonly unknown[] = []
let refusal: Answer | null = null
beforeAll(async () => {
  server = await startWireServer(({ name, input }) => {
    if (name === 'lease.list') return refusal ?? { output: { items: leases, nextCursor: null } }
    if (name === 'sshHost.list')
      return {
        output: {
          items: [
            { id: first, name: '019a1b2c-3d4f' },
            { id: second, name: 'db-1' },
          ],
          nextCursor: null,
        },
      }
    if (name === 'alertChannel.list')
      return {
        output: {
          items: [
            { id: first, name: 'on call' },
            { id: second, name: 'chat' },
            { id: twin, name: 'chat' },
          ],
          nextCursor: null,
        },
      }
    if (name === 'policy.history')
      return {
        output: {
          items: [
            { id: first, version: 'v2' },
            { id: second, version: 'v1' },
          ],
          nextCursor: null,
        },
      }
    if (name === 'policy.rollback' || name === 'policy.files') return { output: { version: 'v1', files: [] } }
    if (name === 'alertChannel.test') return { output: { id: first, delivered: true, answer: 'ok', milliseconds: 1 } }
    if (name === 'lease.revoke' || name === 'lease.get') return { output: lease((input as { id: string }).id) }
    return { refusal: { code: 'not-found' }, status: 404 }
  })
})
afterAll(() => server.close())
beforeEach(() => {
  leases = [lease(first), lease(second, 'deploy@db-2')]
  refusal = null
  server.calls.length = 0
})
const gatehouse = (words: readonly string[], width?: number) =>
  run(words, {
    now,
    env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
    ...(width === undefined ? {} : { width }),
  })
const sent = (name: string): unknown[] => server.calls.filter((call) => call.name === name).map(({ input }) => input)

describe('a table', () => {
  test('has short ids at its end, also where it is narrow; whole ones are for programs and for -o wide', async () => {
    for (const width of [200, 80, 60]) {
      const lines = (await gatehouse(['lease', 'list'], width)).out.trimEnd().split('\n')
      expect(lines[0]).toMatch(/^PRINCIPAL NAME .* ID$/)
      expect(lines[1]).toMatch(/^ada .* 019a1b2c-3d4e$/)
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width)
    }
    expect((await gatehouse(['lease', 'list'], 50)).talk).toMatch(/^no room here for .+ · -o wide\n$/)
    expect((await gatehouse(['lease', 'list'], 200)).talk).toBe('')
    for (const more of [['-o', 'wide'], ['--json'], ['--quiet']])
      expect((await gatehouse(['lease', 'list', ...more])).out).toContain(first)
  })

  test('never shows two ids alike', () => {
    expect(shortIds([first, twin, second, 'name'])).toEqual([
      '019a1b2c-3d4e-70',
      '019a1b2c-3d4e-7f',
      '019a1b2c-3d4f-70',
      'name',
    ])
  })
})

describe('a short id', () => {
  test.each([['019a1b2c-3d4e'], ['019a1b2c-3d4e-7'], ['019a1b2c-3d4e…'], [first]])(
    '%s is taken for the one that it begins',
    async (typed) => {
      const { code } = await gatehouse(['lease', 'revoke', typed, '--reason', 'done'])
      expect([code, sent('lease.revoke')]).toEqual([0, [{ id: first, reason: 'done' }]])
    },
  )

  test('names a policy set of the history, to which one goes back', async () => {
    await gatehouse(['policy', 'rollback', '019a1b2c-3d4f', '--reason', 'locks operators out'])
    await gatehouse(['policy', 'files', '019a1b2c-3d4f'])
    expect(sent('policy.rollback')).toEqual([{ to: second, reason: 'locks operators out' }])
    expect(sent('policy.files')).toEqual([{ change: second }])
  })

  test('that begins several does nothing and lists them', async () => {
    leases = [...leases, lease(twin, 'root@db-1')]
    const { code, talk } = await gatehouse(['lease', 'revoke', '019a1b2c-3d4e', '--reason', 'done'])
    expect([code, sent('lease.revoke')]).toEqual([2, []])
    expect(talk).toContain(`  ${first}: principal name ada, role deploy@db-1, state active\n`)
    expect(talk).toContain(`  ${twin}: principal name ada, role root@db-1, state active\n`)
    expect(talk).not.toContain(second)
  })

  test('that begins none is exit 5, and the way to whole ids is named', async () => {
    const { code, talk } = await gatehouse(['lease', 'revoke', 'deadbeef', '--reason', 'done'])
    expect([code, talk.includes('-o wide'), sent('lease.revoke')]).toEqual([5, true, []])
  })

  test('is not looked up where another flag is wrong', async () => {
    expect((await gatehouse(['lease', 'revoke', '019a1b2c-3d4e', '--reason', ''])).code).toBe(2)
    expect(server.calls).toEqual([])
  })

  test('goes as it is where the list may not be read', async () => {
    refusal = { refusal: { code: 'forbidden', reason: 'no-permit', policies: [] }, status: 403 }
    await gatehouse(['lease', 'get', '019a1b2c-3d4e'])
    expect(sent('lease.get')).toEqual([{ id: '019a1b2c-3d4e' }])
  })

  test('of what has names is taken for a name first', async () => {
    await gatehouse(['ssh-host', 'get', '019a1b2c-3d4f'])
    await gatehouse(['ssh-host', 'get', 'deadbeef'])
    await gatehouse(['ssh-host', 'get', '019a1b2c-3d4e'])
    expect(sent('sshHost.get')).toEqual([{ id: '019a1b2c-3d4f' }, { id: 'deadbeef' }, { id: first }])
  })
})

describe('a name in the place of an id', () => {
  test('is looked up, whatever stands in it', async () => {
    expect((await gatehouse(['alert-channel', 'test', 'on call'])).code).toBe(0)
    expect(sent('alertChannel.test')).toEqual([{ id: first }])
  })

  test('that several have does nothing, and lists them', async () => {
    const { code, talk } = await gatehouse(['alert-channel', 'test', 'chat'])
    expect([code, sent('alertChannel.test')]).toEqual([2, []])
    for (const id of [second, twin]) expect(talk).toContain(id)
  })

  test('that nothing has is the word of the server', async () => {
    expect((await gatehouse(['alert-channel', 'remove', 'pager', '--yes'])).code).toBe(5)
    expect(sent('alertChannel.remove')).toEqual([{ id: 'pager' }])
  })
})

test('lists are searched and sorted by flags, and say how in their help', async () => {
  await gatehouse(['lease', 'list', '--search', 'ada', '--sort', 'expiry'])
  expect(sent('lease.list')).toEqual([{ search: 'ada', sort: 'expiry' }])
  for (const noun of ['lease', 'user', 'team', 'ssh-host', 'ssh-certificate', 'api-token']) {
    const help = (await gatehouse([noun, 'list', '--help'])).out
    expect(help, noun).toMatch(/--search TEXT +only what has this in a name/)
    expect(help, noun).toMatch(/--sort newest\|oldest\|/)
  }
})
