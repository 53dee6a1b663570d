// What `vault-ssh-helper` asks and reads, over a whole gateway. The program itself is not to be had wherever tests run;
// its part is played by `helperAsks` and `helperAdmits`, which send and compare what its release 0.2.4 did between a
// real sshd and a gateway.
import { isWithin, parseNetwork } from '@gatehouse/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, dataOf, startChain, type Answered, type Chain } from './chain-gateway.ts'

let chain: Chain
beforeAll(async () => {
  chain = await startChain({ tracesPerSecond: 1, people: ['ada-admin'] })
  const host = {
    name: 'box',
    address: '127.0.7.1',
    port: 1,
    user: 'deploy',
    access: 'ca',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChPoT4WIzGpvCDVQkZD9QHGT0z6BzYJfnJ1m0L0x',
    sourceAddresses: ['198.51.100.0/24'],
    contactWaiver: 'nobody listens there',
    otpAddresses: ['127.0.7.1'],
  }
  const made = await chain.trpc('sshHost.register', host, { as: 'ada-admin' })
  expect(codeOf(made)).toBe('ok')
})
afterAll(() => chain.stop())

const issue = async (): Promise<string> =>
  String(dataOf(await chain.trpc('sshOtp.issue', { host: 'box', purpose: 'tests' }, { as: 'ada-admin' }))['otp'])

const ask = (body: unknown, { from = '127.0.7.1', method = 'PUT' } = {}): Promise<Answered> =>
  chain.ask('/v1/ssh/verify', { method, body: typeof body === 'string' ? body : JSON.stringify(body), from })
const read = ({ text }: Answered) => JSON.parse(text) as { data?: Record<string, string>; errors?: string[] }

/** It looks at a password before it asks: whatever has not the form of a UUID it refuses by itself. */
const askable = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Its request, with all that stands in it. */
const helperAsks = (otp: string): Promise<Answered> =>
  chain.ask('/v1/ssh/verify', {
    method: 'PUT',
    from: '127.0.7.1',
    body: `{"otp":"${otp}"}`,
    headers: { 'user-agent': 'Go-http-client/1.1', 'x-vault-request': 'true', 'accept-encoding': 'gzip' },
  })

interface HelperFacts {
  /** The account that PAM is asked about. */
  readonly pamUser: string
  /** Of the host's network interfaces. */
  readonly networks: readonly string[]
  readonly allowedRoles: string
}

/** Whether the helper lets somebody in after this answer: account, address and role have to be its host's own. */
const helperAdmits = (answer: Answered, { pamUser, networks, allowedRoles }: HelperFacts): boolean => {
  const { data } = read(answer)
  if (answer.status !== 200 || data === undefined || data['username'] !== pamUser) return false
  const isOwn = networks.some((text) => {
    const network = parseNetwork(text)
    return network !== null && isWithin(network, data['ip'] ?? '')
  })
  const roles = allowedRoles.split(',').map((role) => role.trim())
  return isOwn && (allowedRoles === '*' || roles.includes(data['role_name'] ?? ''))
}
const box: HelperFacts = { pamUser: 'deploy', networks: ['127.0.7.1/32'], allowedRoles: 'deploy@box, deploy@db-1' }

describe('vault-ssh-helper', () => {
  test('asks about a password of ours, and is answered in the bytes that it was seen to take', async () => {
    const otp = await issue()
    expect(otp).toMatch(askable)
    const { status, text } = await helperAsks(otp)
    expect([status, text.replace(/"request_id":"[^"]+"/, '"request_id":"…"')]).toEqual([
      200,
      '{"request_id":"…","lease_id":"","renewable":false,"lease_duration":0,' +
        '"data":{"ip":"127.0.7.1","username":"deploy","role_name":"deploy@box"},' +
        '"wrap_info":null,"warnings":null,"auth":null}',
    ])
  })

  test.each(['PUT', 'POST'])('lets somebody in by a password, once, asking by %s', async (method) => {
    const otp = await issue()
    const first = await ask({ otp }, { method })
    expect(read(first).data).toEqual({ ip: '127.0.7.1', username: 'deploy', role_name: 'deploy@box' })
    expect([first.status, helperAdmits(first, box)]).toEqual([200, true])
    const second = await ask({ otp }, { method })
    expect([second.status, read(second).errors, helperAdmits(second, box)]).toEqual([400, ['OTP not found'], false])
  })

  test.each([
    ['of another account', { pamUser: 'root' }],
    ['of another host', { networks: ['192.0.2.0/24'] }],
    ['of another role', { allowedRoles: 'deploy@elsewhere' }],
  ])('refuses a password %s by what it is told', async (_, facts) => {
    expect(helperAdmits(await ask({ otp: await issue() }), { ...box, ...facts })).toBe(false)
  })

  test('sees by an echo that it reaches us, from anywhere', async () => {
    const answer = await ask({ otp: 'verify-echo-request' }, { from: '203.0.113.8' })
    expect([answer.status, read(answer).data]).toEqual([200, { message: 'verify-echo-response' }])
  })

  test('learns nothing at another host, and the password is spent', async () => {
    const otp = await issue()
    const elsewhere = await ask({ otp }, { from: '203.0.113.9' })
    expect([elsewhere.status, read(elsewhere).errors]).toEqual([400, ['OTP not found']])
    expect((await ask({ otp })).status).toBe(400)
  })
})

test.each([
  ['no JSON', '{', 400],
  ['no object', '["otp"]', 400],
  ['no password', {}, 400],
  ['a number', { otp: 7 }, 400],
  ['more than a password', { otp: 'x'.repeat(5000) }, 400],
])('%s is refused as Vault refuses', async (_, body, status) => {
  const answer = await ask(body)
  expect([answer.status, read(answer).errors]).toEqual([status, [expect.any(String)]])
})

test('reading is no way to ask', async () => {
  expect((await chain.ask('/v1/ssh/verify', { from: '127.0.7.1' })).status).toBe(405)
})

test('whoever guesses is slowed down as every stranger is', async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => ask({ otp: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa' }, { from: '203.0.113.10' })),
  )
  const statuses = answers.map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([400, 429]))
  expect(statuses.filter((status) => status === 400).length).toBeLessThanOrEqual(20)
})

test('both transports answer a host in their own way', async () => {
  const asked = { from: '127.0.7.1', fields: 'username role ip message' }
  const input = async () => ({ otp: await issue(), account: 'deploy', clientAddress: '198.51.100.4' })
  const answer = { username: 'deploy', role: 'deploy@box', ip: '127.0.7.1', message: null }
  expect(dataOf(await chain.trpc('sshOtp.verify', await input(), asked))).toEqual(answer)
  const graphql = await chain.graphql('sshOtp.verify', await input(), asked)
  expect(JSON.parse(graphql.text)).toEqual({ data: { answer } })
})
