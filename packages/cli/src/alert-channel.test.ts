import { afterEach, expect, test } from 'vitest'
import { run, type RunOptions } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const channel = {
  id: '01980000-0000-7000-8000-000000000001',
  name: 'on call',
  kind: 'webhook',
  target: 'hooks.example.org',
  severity: 'low',
  waiting: 0,
  deadLetters: 0,
  deliveredAt: null,
  failingSince: null,
  lastError: null,
  disabledAt: null,
  createdAt: new Date().toISOString(),
}
const create = async (words: readonly string[], options: RunOptions = {}) => {
  const server = await startWireServer(() => ({ output: channel }))
  servers.push(server)
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' }
  return { ...(await run(['alert-channel', 'create', ...words], { ...options, env })), calls: server.calls }
}
const secret = Buffer.alloc(32, 7).toString('base64')

test('a channel is made with its secret from standard input, and nothing of it is printed', async () => {
  const url = 'https://hooks.example.org/in'
  const made = await create(['on call', '--kind', 'webhook', '--url', url, '--secret-stdin'], { stdin: `${secret}\n` })
  expect(made.code).toBe(0)
  expect(made.calls[0]?.input).toEqual({ name: 'on call', webhook: { url, secret } })
  expect(made.out + made.talk).not.toContain(secret)
})

test('each kind is sent as its own', async () => {
  const mail = await create(['security', '--kind', 'mail', '--to', 's@example.org', '--severity', 'high'])
  expect(mail.calls[0]?.input).toEqual({ name: 'security', severity: 'high', mail: { to: 's@example.org' } })
  const url = 'https://hooks.slack.com/services/T0/B0/x'
  const slack = await create(['chat', '--kind', 'slack', '--secret-stdin'], { stdin: `${url}\n` })
  expect(slack.calls[0]?.input).toEqual({ name: 'chat', slack: { url } })
  const key = 'R0123456789abcdef0123456789abcde'
  const duty = await create(['duty', '--kind', 'pagerduty', '--secret-stdin'], { stdin: key })
  expect(duty.calls[0]?.input).toEqual({ name: 'duty', pagerduty: { routingKey: key } })
})

test.each([
  ['a mail without an address', ['x', '--kind', 'mail'], '--to'],
  ['an address of Slack on the command line', ['x', '--kind', 'slack', '--url', 'https://hooks.slack.com/x'], '--url'],
  ['a webhook without a secret, and nobody to ask', ['x', '--kind', 'webhook', '--url', 'https://a.example'], 'secret'],
])('%s is refused before anything is sent', async (_, words, named) => {
  const { code, talk, calls } = await create(words)
  expect(code).toBe(2)
  expect(talk).toContain(named)
  expect(calls).toEqual([])
})

const update = async (kind: string, words: readonly string[], options: RunOptions = {}) => {
  const known = { ...channel, kind }
  const server = await startWireServer(({ name }) => ({
    output: name === 'alertChannel.list' ? { items: [known], nextCursor: null } : known,
  }))
  servers.push(server)
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' }
  const came = await run(['alert-channel', 'update', ...words], { ...options, env })
  return { ...came, sent: server.calls.find(({ name }) => name === 'alertChannel.update')?.input }
}

test('a channel is changed by its name: only what is said is sent, and no new secret is printed', async () => {
  const { id } = channel
  expect((await update('mail', ['on call', '--severity', 'high'])).sent).toEqual({ id, severity: 'high' })
  expect((await update('mail', ['on call', '--off', '--reason', 'moved'])).sent).toEqual({
    id,
    disabled: true,
    reason: 'moved',
  })
  const renewed = await update('webhook', [id, '--secret-stdin'], { stdin: `${secret}\n` })
  expect(renewed.sent).toEqual({ id, webhook: { secret } })
  expect(renewed.out + renewed.talk).not.toContain(secret)
  const refused = await update('pagerduty', ['on call', '--url', 'https://events.eu.pagerduty.com/v2/enqueue'])
  expect([refused.code, refused.sent]).toEqual([2, undefined])
  expect(refused.talk).toContain('integration key')
})

test.each([
  ['delivered', true, 0],
  ['not delivered', false, 1],
])('a test that was %s is seen by the exit code as well', async (_what, delivered, expected) => {
  const server = await startWireServer(({ name }) =>
    name === 'alertChannel.list'
      ? { output: { items: [channel], nextCursor: null } }
      : { output: { id: channel.id, delivered, answer: 'status 503', milliseconds: 1 } },
  )
  servers.push(server)
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' }
  const { code, out } = await run(['alert-channel', 'test', 'on call'], { env })
  expect([code, out]).toEqual([expected, expect.stringContaining('status 503')])
})
