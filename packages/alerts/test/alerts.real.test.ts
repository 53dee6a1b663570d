// Alerts: what is found is told once, whoever finds it how often, and whatever dies on the way.
import { fork } from 'node:child_process'
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Raw } from '@gatehouse/contract'
import { startMailSink, type MailSink } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAlertPort } from '../src/index.ts'
import { claimSeconds, takeMessage } from '../src/deliver.ts'
import { claimMessage, noteTaken } from '../src/delivery.queries.ts'
import { startAlertDelivery } from '../src/start-alert-delivery.ts'
import { personOf, startAlertSystem, type AlertSystem } from './alert-system.ts'
import { openReceivers, receiverName, type Receiver } from './receivers.ts'

let h: AlertSystem
let mail: MailSink
let receivers: Awaited<ReturnType<typeof openReceivers>>
let hook: Receiver
/** Where names lead: the receivers' own name to this machine, and what a test says. */
const names = new Map<string, readonly string[]>([[receiverName, ['127.0.0.1']]])
beforeAll(async () => {
  ;[mail, receivers] = await Promise.all([startMailSink(), openReceivers()])
  hook = await receivers.start()
  h = await startAlertSystem({
    resolve: (name) => Promise.resolve(names.get(name) ?? []),
    allowed: ['127.0.0.1'],
    smtpUrl: mail.url,
  })
})
beforeEach(async () => {
  hook.answer(() => ({ status: 200, says: 'ok' }))
  const admin = personOf(`admin-${randomUUID().slice(0, 8)}`)
  await addPerson(admin)
  h.as(admin)
})
afterEach(async () => {
  await h.db.deleteFrom('alert').execute()
  await h.db.deleteFrom('alert_channel').execute()
})
afterAll(async () => {
  await Promise.all([h.close(), hook.close(), mail.close()])
})

const addPerson = async ({ id, username }: ReturnType<typeof personOf>): Promise<void> => {
  await h.db
    .insertInto('users')
    .values({
      id,
      username,
      display_name: username,
      email: null,
      password_hash: '',
      must_change_password: false,
      password_changed_at: h.clock.now(),
      cut_off: null,
      last_login_at: null,
    })
    .execute()
  const since = sql<Date>`now() - interval '2 days'`
  await h.db.insertInto('user_role').values({ user_id: id, role: 'Admin', granted_at: since }).execute()
  await h.db
    .insertInto('authenticator')
    .values({ id: randomUUID(), user_id: id, kind: 'webauthn', name: 'key', created_at: since, confirmed_at: since })
    .execute()
}

const failures = (user: string, severity?: 'critical') =>
  ({
    kind: 'auth-failures',
    about: { type: 'User', id: user },
    dedupeKey: user,
    facts: { failures: 5, windowSeconds: 300 },
    ...(severity && { severity }),
  }) as const

/** A channel that nothing is sent to yet. */
const addChannel = async (severity: 'critical' | 'low' = 'low'): Promise<string> => {
  const id = randomUUID()
  await h.db
    .insertInto('alert_channel')
    .values({
      id,
      name: id,
      kind: 'webhook',
      target: Buffer.from(''),
      shown: 'hooks.example',
      secret: null,
      authority: null,
      severity,
      failing_since: null,
      last_error: null,
      delivered_at: null,
      created_at: h.clock.now(),
      created_by: null,
    })
    .execute()
  return id
}
const signingSecret = `whsec_${randomBytes(32).toString('base64')}`
const create = (input: Omit<Raw<'alertChannel.create'>, 'name'>) =>
  h.call('alertChannel.create', {
    name: `channel-${randomUUID()}`,
    ...(input.mail === undefined && { authority: receivers.authority }),
    ...input,
  })
const webhook = (path = '/in') => create({ webhook: { url: hook.url(path), secret: signingSecret } })
/** Sends one message that is due, if one is. */
const deliverOne = async (deps: typeof h.needs): Promise<'none' | 'taken' | 'failed'> => {
  const send = await takeMessage(deps, { retriesDueSeconds: 0 })
  return send === null ? 'none' : send()
}
/** Sends whatever is due now. */
const deliverAll = async (): Promise<string[]> => {
  const came: string[] = []
  for (;;) {
    const one = await deliverOne(h.needs)
    if (one === 'none') return came
    came.push(one)
  }
}
/** What a receiver has got from now on. */
const since = ({ got }: Receiver): (() => Receiver['got']) => {
  const before = got.length
  return () => got.slice(before)
}
const alerts = () => h.db.selectFrom('alert').selectAll().orderBy('first_at').orderBy('id').execute()
const messages = () => h.db.selectFrom('alert_delivery').selectAll().execute()

describe('raising', () => {
  test('writes the alert, a message for each channel that wants it and an entry of the audit log', async () => {
    await addChannel()
    await addChannel('critical')
    const before = (await h.record()).length
    const raised = await h.raise(failures('ada'))
    expect(raised).toMatchObject({ count: 1, told: true, messages: 1 })
    expect(await alerts()).toMatchObject([{ id: raised.id, kind: 'auth-failures', severity: 'high', state: 'open' }])
    expect(await messages()).toMatchObject([{ alert_id: raised.id, state: 'waiting', attempts: 0 }])
    expect((await h.record()).slice(before)).toEqual(['alert.raised allowed'])
  })

  test('leaves nothing when the transaction of what it tells of is rolled back', async () => {
    await addChannel()
    const before = (await h.record()).length
    const rolledBack = h.db.transaction().execute(async (tx) => {
      await h.raiseAlert(tx, failures('ada'))
      throw new TypeError('nothing came of it')
    })
    await expect(rolledBack).rejects.toThrow('nothing came of it')
    expect([await alerts(), await messages(), (await h.record()).length]).toEqual([[], [], before])
  })

  test('a flood of the same is one alert and one message, with its count', async () => {
    await addChannel()
    const raised = await Promise.all(Array.from({ length: 50 }, () => h.raise(failures('ada'))))
    expect(new Set(raised.map(({ id }) => id)).size).toBe(1)
    expect(raised.filter(({ told }) => told)).toHaveLength(1)
    expect(await alerts()).toMatchObject([{ count: 50 }])
    expect(await messages()).toHaveLength(1)
  })

  test('another thing is another alert', async () => {
    const [one, other] = [await h.raise(failures('ada')), await h.raise(failures('olga'))]
    expect(one.id).not.toBe(other.id)
  })

  test('what comes back after its quiet time is told again, and at once when it has become more urgent', async () => {
    await addChannel()
    const { id } = await h.raise(failures('ada'))
    await h.db.updateTable('alert_delivery').set({ state: 'delivered' }).execute()
    expect(await h.raise(failures('ada'))).toMatchObject({ id, told: false })
    expect(await h.raise(failures('ada', 'critical'))).toMatchObject({ id, told: true, messages: 1, count: 3 })
    await h.db.updateTable('alert_delivery').set({ state: 'delivered' }).execute()
    h.advance(3600)
    expect(await h.raise(failures('ada'))).toMatchObject({ id, told: true, count: 4 })
    expect(await alerts()).toMatchObject([{ severity: 'critical', count: 4 }])
    expect(await messages()).toHaveLength(3)
  })
})

describe('channels', () => {
  test('a webhook gets the alert signed as Standard Webhooks has it, and no fact that is not to leave', async () => {
    await webhook('/hooks/secret-path-of-theirs')
    const before = hook.got.length
    const raised = await h.raise({
      kind: 'policy-error',
      about: { type: 'System', id: 'gatehouse' },
      dedupeKey: 'x',
      facts: { action: 'lease.issue', errors: 'User::"a person" has no attribute' },
    })
    expect(await deliverAll()).toEqual(['taken'])
    const [got] = hook.got.slice(before)
    const { 'webhook-id': id = '', 'webhook-timestamp': at = '', 'webhook-signature': signature } = got?.headers ?? {}
    const key = Buffer.from(signingSecret.slice('whsec_'.length), 'base64')
    const signed = createHmac('sha256', key).update(`${id}.${at}.${got?.body}`).digest('base64')
    expect(signature).toBe(`v1,${signed}`)
    expect(Math.abs(Number(at) - h.clock.now().getTime() / 1000)).toBeLessThan(10)
    const body = JSON.parse(got?.body ?? '') as { type: string; timestamp: string; data: Record<string, unknown> }
    expect(body).toMatchObject({
      type: 'alert.raised',
      data: { id: raised.id, kind: 'policy-error', severity: 'high' },
    })
    expect(body.data['facts']).toEqual({ action: 'lease.issue' })
    const { items } = await h.call('alert.list', {})
    expect(items[0]?.facts).toContainEqual({ name: 'errors', value: 'User::"a person" has no attribute' })
    expect(items[0]?.deliveries).toMatchObject([{ state: 'delivered', attempts: 1, error: null }])
  })

  test('Slack gets one text, PagerDuty an event of its API v2, and a mailbox a mail', async () => {
    const person = personOf(`ada-${randomUUID().slice(0, 8)}`)
    await addPerson(person)
    await create({ slack: { url: hook.url('/services/T0/B0/xyz') } })
    await create({ pagerduty: { routingKey: 'R0123456789abcdef0123456789abcde', url: hook.url('/v2/enqueue') } })
    await create({ mail: { to: 'oncall@example.org' } })
    const [before, mailsBefore] = [hook.got.length, mail.mails.length]
    const { id } = await h.raise(failures(person.id))
    expect(await deliverAll()).toEqual(['taken', 'taken', 'taken'])
    const posted = hook.got.slice(before)
    const slack = JSON.parse(posted.find(({ path }) => path.startsWith('/services'))?.body ?? '') as { text: string }
    expect(Object.keys(slack)).toEqual(['text'])
    expect(slack.text).toContain('Log-ins to one account keep failing.')
    const event = JSON.parse(posted.find(({ path }) => path === '/v2/enqueue')?.body ?? '') as Record<string, unknown>
    expect(event).toMatchObject({
      routing_key: 'R0123456789abcdef0123456789abcde',
      event_action: 'trigger',
      dedup_key: `gatehouse-${id}`,
      payload: {
        summary: `Log-ins to one account keep failing. (User ${person.username})`,
        source: 'gatehouse.test',
        severity: 'error',
        component: 'gatehouse',
        class: 'auth-failures',
        custom_details: { failures: '5', windowSeconds: '300' },
      },
    })
    const [sent] = mail.mails.slice(mailsBefore)
    expect(sent?.to).toEqual(['oncall@example.org'])
    expect(sent?.text).toContain(`About User ${person.username}`)
    expect(sent?.text).toContain('failures: 5')
  })

  test('a channel is never shown by what lets one post to it, nor does that stand anywhere in clear', async () => {
    const key = 'R0123456789abcdef0123456789abcde'
    await webhook('/hooks/secret-path-of-theirs')
    await create({ slack: { url: hook.url('/services/T0/B0/token-of-slack') } })
    await create({ pagerduty: { routingKey: key } })
    const shown = JSON.stringify((await h.call('alertChannel.list', {})).items)
    const kept = await h.everything()
    for (const secret of [signingSecret, 'secret-path-of-theirs', 'token-of-slack', key]) {
      expect(shown).not.toContain(secret)
      expect(kept).not.toContain(secret)
    }
    expect(shown).toContain(`${receiverName}:${hook.port}`)
    expect(shown).toContain('events.pagerduty.com')
  })

  test.each([
    ['two kinds at once', { mail: { to: 'a@example.org' }, slack: { url: 'https://hooks.example/x' } }],
    ['no kind', {}],
    ['an address in clear', { slack: { url: 'http://hooks.example/x' } }],
    ['an address with a password in it', { slack: { url: 'https://me:secret@hooks.example/x' } }],
    ['a port that there is not', { slack: { url: 'https://hooks.example:99999/x' } }],
    ['a host that is no name', { slack: { url: 'https://hooks\u202e.example/x' } }],
    ['a signing secret that is a word', { webhook: { url: 'https://hooks.example/x', secret: 'password' } }],
  ] as const)('%s is refused, naming what would be right', async (_, input) => {
    const refusal = await h.refusal('alertChannel.create', { name: randomUUID(), ...input })
    expect(refusal.code).toBe('invalid-input')
    expect(refusal.details.fields?.[0]?.message).toBeTruthy()
  })

  test('a test says exactly what came back, without a secret that the receiver repeats', async () => {
    const { id } = await create({ slack: { url: hook.url('/services/T0/B0/token-of-slack') } })
    hook.answer(() => ({ status: 403, says: `invalid_token for ${hook.url('/services/T0/B0/token-of-slack')}` }))
    const refused = await h.call('alertChannel.test', { id })
    expect(refused).toMatchObject({ id, delivered: false })
    expect(refused.answer).toBe('status 403: invalid_token for [secret]')
    hook.answer(() => ({ status: 200, says: 'ok' }))
    expect(await h.call('alertChannel.test', { id })).toMatchObject({ delivered: true, answer: 'status 200: ok' })
    mail.answer({ code: 550 })
    const box = await create({ mail: { to: 'gone@example.org' } })
    const bounced = await h.call('alertChannel.test', { id: box.id })
    expect(bounced).toMatchObject({ delivered: false, answer: expect.stringContaining('mail') as string })
    mail.answer('take')
    expect(await h.call('alertChannel.test', { id: box.id })).toMatchObject({ delivered: true })
    expect((await h.refusal('alertChannel.test', { id: randomUUID() })).code).toBe('not-found')
  })

  test('a test of a receiver whose certificate is not trusted says how it is', async () => {
    const url = hook.url('/in')
    const { id } = await create({ authority: undefined, webhook: { url, secret: signingSecret } })
    const { delivered, answer } = await h.call('alertChannel.test', { id })
    expect([delivered, answer]).toEqual([false, expect.stringContaining('its certificate is not trusted')])
    expect(answer).toContain('`gatehouse alert-channel update CHANNEL --authority FILE`')
    await h.call('alertChannel.update', { id, authority: receivers.authority })
    expect(await h.call('alertChannel.test', { id })).toMatchObject({ delivered: true })
  })

  test('a test at PagerDuty closes what it has opened', async () => {
    const { id } = await create({
      pagerduty: { routingKey: 'R0123456789abcdef0123456789abcde', url: hook.url('/v2/enqueue') },
    })
    hook.answer(() => ({ status: 202, says: '{"status":"success","message":"Event processed"}' }))
    const before = hook.got.length
    expect((await h.call('alertChannel.test', { id })).answer).toContain('status 202')
    const events = hook.got.slice(before).map(({ body }) => JSON.parse(body) as Record<string, string>)
    expect(events.map(({ event_action: action }) => action)).toEqual(['trigger', 'resolve'])
    expect(new Set(events.map(({ dedup_key: key }) => key)).size).toBe(1)
  })

  test('the last one goes only by the word of a second Admin, and another by one', async () => {
    const [first, second] = [await webhook(), await webhook()]
    await h.call('alertChannel.remove', { id: second.id })
    const reason = 'moved to another place'
    expect((await h.refusal('alertChannel.remove', { id: first.id, reason })).code).toBe('approval-pending')
    expect((await h.refusal('alertChannel.remove', { id: first.id, reason })).code).toBe('approval-pending')
    expect((await h.call('alertChannel.list', {})).items).toHaveLength(1)
    const approver = personOf(`second-${randomUUID().slice(0, 8)}`)
    await addPerson(approver)
    await sql`update approval set state = 'approved', approver_id = ${approver.id}::uuid, decided_at = now()
      where state = 'pending' and resource_id = ${first.id}`.execute(h.db)
    // for one reason it was approved, for another it is not
    expect((await h.refusal('alertChannel.remove', { id: first.id, reason: 'another' })).code).toBe('conflict')
    expect(await h.call('alertChannel.remove', { id: first.id, reason })).toEqual({ id: first.id })
    expect((await h.call('alertChannel.list', {})).items).toEqual([])
  })
})

describe('changing a channel', () => {
  test('one person renames it, moves it and renews its secret, of which nothing is shown', async () => {
    const { id } = await webhook('/old')
    await webhook('/other')
    const fresh = `whsec_${randomBytes(32).toString('base64')}`
    const name = `channel-${randomUUID()}`
    const changed = await h.call('alertChannel.update', { id, name, webhook: { url: hook.url('/new'), secret: fresh } })
    expect(changed).toMatchObject({ id, name, disabledAt: null })
    const before = hook.got.length
    const url = { url: hook.url('/newer') }
    await h.call('alertChannel.update', { id, webhook: url }) // the secret stays
    expect((await h.call('alertChannel.test', { id })).delivered).toBe(true)
    const [got] = hook.got.slice(before)
    const { 'webhook-id': key = '', 'webhook-timestamp': at = '', 'webhook-signature': signature } = got?.headers ?? {}
    const signed = createHmac('sha256', Buffer.from(fresh.slice('whsec_'.length), 'base64'))
    expect(got?.path).toBe('/newer')
    expect(signature).toBe(`v1,${signed.update(`${key}.${at}.${got?.body}`).digest('base64')}`)
    expect(JSON.stringify(changed) + (await h.everything())).not.toContain(fresh)
  })

  test.each([
    ['nothing', {}, 'name'],
    ['another kind', { mail: { to: 'a@example.org' } }, 'mail'],
    ['two authorities', { authority: '-----BEGIN CERTIFICATE-----', systemAuthority: true }, 'authority'],
  ] as const)('%s is refused, and the field named', async (_, change, field) => {
    const { id } = await webhook()
    expect((await h.refusal('alertChannel.update', { id, ...change })).details.fields?.[0]?.path).toBe(field)
  })

  test('a name of another channel, and a channel that is not there, are refused', async () => {
    const [one, other] = [await webhook(), await webhook()]
    expect((await h.refusal('alertChannel.update', { id: one.id, name: other.name })).code).toBe('conflict')
    expect((await h.refusal('alertChannel.update', { id: randomUUID(), name: 'x' })).code).toBe('not-found')
  })

  test('a channel that is switched off is sent nothing; what waited is given up and told of', async () => {
    const { id } = await webhook()
    const waiting = await h.raise(failures('ada'))
    await create({ mail: { to: 'oncall@example.org' } })
    expect((await h.call('alertChannel.update', { id, disabled: true })).disabledAt).not.toBeNull()
    const before = hook.got.length
    await deliverAll()
    expect(hook.got.length).toBe(before)
    const [message] = await messages().then((all) => all.filter((one) => one.channel_id === id))
    expect(message).toMatchObject({ state: 'dead', error: 'the channel is switched off' })
    expect((await alerts()).find((one) => one.id === waiting.id)?.undelivered_at).not.toBeNull()
    expect((await h.call('alertChannel.list', {})).items.find((one) => one.id === id)?.failingSince).toBeNull()
    await h.raise(failures('olga'))
    expect((await messages()).filter((one) => one.channel_id === id)).toHaveLength(1)
    expect((await h.refusal('alertChannel.retry', { id })).details.hint).toContain('switched off')
    await h.call('alertChannel.update', { id, disabled: false })
    expect(await h.call('alertChannel.retry', { id })).toEqual({ id, retried: 1 })
    await deliverAll()
    expect(hook.got.length).toBe(before + 1)
  })

  // Threat: who may not remove the last channel makes it say nothing.
  test('what silences the last one goes only by the word of a second Admin, to this very change', async () => {
    const last = await webhook()
    const off = await webhook()
    await h.call('alertChannel.update', { id: off.id, disabled: true }) // one that is off is no channel
    const { id } = last
    const reason = 'moved to another place'
    const change = { id, webhook: { url: hook.url('/elsewhere') }, reason }
    for (const silencing of [{ id, disabled: true, reason }, { id, severity: 'critical' as const, reason }, change])
      expect((await h.refusal('alertChannel.update', silencing)).code).toBe('approval-pending')
    expect((await h.refusal('alertChannel.remove', { id, reason })).code).toBe('approval-pending')
    const renewed = { id, webhook: { secret: signingSecret } }
    expect((await h.call('alertChannel.update', renewed)).id).toBe(id) // that silences nothing
    const asked = await h.db.selectFrom('approval').select('resource_id').where('state', '=', 'pending').execute()
    const wanted = asked.find((one) => one.resource_id.startsWith(`${last.name}: sent to`))
    expect(wanted?.resource_id).toContain(`: sent to ${receiverName}:${hook.port}; change `)
    const approver = personOf(`second-${randomUUID().slice(0, 8)}`)
    await addPerson(approver)
    await sql`update approval set state = 'approved', approver_id = ${approver.id}::uuid, decided_at = now()
      where state = 'pending' and resource_id = ${wanted?.resource_id}`.execute(h.db)
    const other = { ...change, webhook: { url: hook.url('/of-an-attacker') } }
    expect((await h.refusal('alertChannel.update', other)).code).toBe('approval-pending')
    expect(await h.call('alertChannel.update', change)).toMatchObject({ id })
    expect((await h.refusal('alertChannel.update', { id, disabled: true, reason })).code).toBe('approval-pending')
  })
})

describe('dead letters', () => {
  /** Another channel takes it, so that nobody is told that none does. */
  const die = async (user: string): Promise<void> => {
    hook.answer(() => ({ status: 422, says: 'not this' }))
    await h.raise(failures(user))
    await deliverAll()
  }

  test('are listed with their error, and sent again under their own ids: one, or all, and nobody twice', async () => {
    const { id } = await webhook()
    await create({ mail: { to: 'oncall@example.org' } })
    const before = hook.got.length
    await die('ada')
    await die('olga')
    const { items } = await h.call('alertChannel.deadLetters', { id })
    expect(items).toMatchObject([
      { kind: 'auth-failures', severity: 'high', attempts: 1, error: expect.stringContaining('422') as string },
      { kind: 'auth-failures' },
    ])
    hook.answer(() => ({ status: 200 }))
    const [letter] = items
    expect(await h.call('alertChannel.retry', { id, letter: letter?.id ?? '' })).toEqual({ id, retried: 1 })
    expect((await h.refusal('alertChannel.retry', { id, letter: letter?.id ?? '' })).code).toBe('conflict')
    const both = await Promise.all([h.call('alertChannel.retry', { id }), h.call('alertChannel.retry', { id })])
    expect(both.reduce((sum, { retried }) => sum + retried, 0)).toBe(1)
    await deliverAll()
    const keys = hook.got.slice(before).map(({ headers }) => headers['webhook-id'])
    expect(keys.slice(2).toSorted()).toEqual(items.map((one) => one.id).toSorted())
    expect(keys.slice(0, 2).toSorted()).toEqual(keys.slice(2).toSorted())
    expect((await h.call('alertChannel.deadLetters', { id })).items).toEqual([])
  })

  test('are dropped for a reason: one, or all; their alerts stay', async () => {
    const { id } = await webhook()
    await create({ mail: { to: 'oncall@example.org' } })
    await die('ada')
    await die('olga')
    const [letter] = (await h.call('alertChannel.deadLetters', { id })).items
    const reason = 'read in the control center'
    expect(await h.call('alertChannel.drop', { id, letter: letter?.id ?? '', reason })).toEqual({ id, dropped: 1 })
    expect(await h.call('alertChannel.drop', { id, reason })).toEqual({ id, dropped: 1 })
    expect(await h.call('alertChannel.drop', { id, reason })).toEqual({ id, dropped: 0 })
    expect((await alerts()).filter(({ kind }) => kind === 'auth-failures')).toHaveLength(2)
    const other = randomUUID()
    expect((await h.refusal('alertChannel.drop', { id, letter: other, reason })).code).toBe('conflict')
    expect((await h.refusal('alertChannel.deadLetters', { id: other })).code).toBe('not-found')
  })
})

// Threat: a person who may name a channel makes the server contact what only it can reach.
describe('the gate before channels', () => {
  test.each([
    ['loopback', ['127.0.0.2']],
    ['a private network', ['10.1.2.3']],
    ['link-local', ['169.254.10.10']],
    ["a cloud's metadata", ['169.254.169.254']],
    ['a name of which one address leads inside', ['203.0.113.7', '10.0.0.1']],
  ] as const)('%s is not contacted, and the test says why', async (_, addresses) => {
    names.set('inside.example', addresses)
    const { id } = await create({ slack: { url: 'https://inside.example/services/x' } })
    const came = await h.call('alertChannel.test', { id })
    expect(came).toMatchObject({ delivered: false, answer: expect.stringContaining('[outbound] allowed') as string })
  })

  test('a redirect leads nowhere', async () => {
    const other = await receivers.start()
    hook.answer(() => ({ status: 307, location: other.url('/elsewhere') }))
    const { id } = await webhook()
    const came = await h.call('alertChannel.test', { id })
    expect(came.answer).toContain('redirect')
    expect(other.got).toEqual([])
    await other.close()
  })

  test('a name that leads elsewhere at the next look is looked up once for each message', async () => {
    const asked: string[] = []
    const { id } = await webhook()
    const before = hook.got.length
    names.set(receiverName, ['127.0.0.1'])
    const { outbound } = h.needs
    const counted = {
      locate: (place: Parameters<typeof outbound.locate>[0]) => (asked.push(place.host), outbound.locate(place)),
    }
    await h.raise(failures('ada'))
    expect(await deliverOne({ ...h.needs, outbound: counted })).toBe('taken')
    expect([asked, hook.got.length - before]).toEqual([[receiverName], 1])
    expect(id).toBeTruthy()
  })
})

describe('delivering', () => {
  test('sends at once after the commit, holds up nobody, and not what is rolled back', async () => {
    await webhook()
    const delivery = startAlertDelivery({ ...h.needs, onError: (error) => expect(error).toBeNull() })
    try {
      const before = hook.got.length
      await h.raise(failures('ada'))
      await expect.poll(() => hook.got.length - before, { timeout: 3000, interval: 20 }).toBe(1)
      await expect.poll(async () => (await messages())[0]?.state, { interval: 20 }).toBe('delivered')
    } finally {
      await delivery.close()
    }
  })

  test('a channel that does not answer holds up no other', async () => {
    await webhook('/silent')
    await create({ mail: { to: 'oncall@example.org' } })
    hook.answer(({ path }) => (path === '/silent' ? null : { status: 200 }))
    const mailsBefore = mail.mails.length
    const delivery = startAlertDelivery({ ...h.needs, onError: () => undefined })
    await h.raise(failures('ada'))
    await expect.poll(() => mail.mails.length - mailsBefore, { timeout: 3000, interval: 20 }).toBe(1)
    await delivery.close()
  })

  test('channels that do not answer, however many, hold up no other, tried again neither', async () => {
    const silent = 6
    for (let at = 0; at < silent; at += 1) await webhook(`/silent/${at}`)
    hook.answer(({ path }) => (path.startsWith('/silent/') ? null : { status: 200 }))
    const isNew = since(hook)
    const delivery = startAlertDelivery({ ...h.needs, onError: () => undefined })
    await h.raise(failures('ada'))
    await expect.poll(() => isNew().length, { timeout: 10_000, interval: 20 }).toBe(silent)
    await webhook('/well')
    await h.raise(failures('olga'))
    await expect.poll(() => isNew().at(-1)?.path, { timeout: 10_000, interval: 20 }).toBe('/well')
    await delivery.close()
    h.advance(claimSeconds + 1)
    const sweeping = h.internal('alert.deliver', {}, randomUUID())
    await expect.poll(() => isNew().length, { timeout: 10_000, interval: 20 }).toBe(2 * silent + 1)
    await h.raise(failures('dora'))
    await expect
      .poll(() => isNew().filter(({ path }) => path === '/well').length, { timeout: 10_000, interval: 20 })
      .toBe(2)
    hook.answer(() => ({ status: 200 }))
    hook.closeConnections()
    await sweeping
  })

  test('what became more urgent while its message was on its way is told by another one, once', async () => {
    await webhook()
    const isNew = since(hook)
    await h.raise(failures('ada'))
    const send = await takeMessage(h.needs, { retriesDueSeconds: 0 })
    await h.raise(failures('ada', 'critical'))
    expect(await deliverAll()).toEqual([]) // its channel has one on its way
    expect(await send?.()).toBe('taken')
    expect(await deliverAll()).toEqual(['taken'])
    const told = isNew().map(({ headers, body }) => [headers['webhook-id'], /"severity":"(\w+)"/.exec(body)?.[1]])
    expect(told.map(([, severity]) => severity)).toEqual(['high', 'critical'])
    expect(new Set(told.map(([id]) => id)).size).toBe(2)
  })

  test('what is told again while it waits counts as told now: one more failure is not its last', async () => {
    await webhook()
    hook.answer(() => ({ status: 503 }))
    await h.raise(failures('ada'))
    await deliverAll()
    h.advance(2)
    await h.raise(failures('ada', 'critical'))
    await deliverAll()
    expect((await alerts()).map(({ kind, undelivered_at: at }) => [kind, at])).toEqual([['auth-failures', null]])
  })

  test('what a process that died had claimed is sent by another under the same id, nobody meanwhile', async () => {
    await webhook()
    await h.raise(failures('ada'))
    const now = h.clock.now()
    const claiming = {
      claim: randomUUID(),
      now,
      until: new Date(now.getTime() + claimSeconds * 1000),
      retriesDueBefore: now,
    }
    const dead = await claimMessage(h.db, claiming) // committed; nothing was sent, and nothing will be
    expect(await deliverAll()).toEqual([])
    h.advance(claimSeconds + 1)
    const before = hook.got.length
    expect(await deliverAll()).toEqual(['taken'])
    expect(hook.got.slice(before).map(({ headers }) => headers['webhook-id'])).toEqual([dead?.id])
  })

  test('of many processes one sends each message', async () => {
    await webhook()
    await h.raise(failures('ada'))
    const before = hook.got.length
    const came = await Promise.all(Array.from({ length: 8 }, () => deliverOne(h.needs)))
    expect(came.filter((one) => one === 'taken')).toHaveLength(1)
    expect(hook.got.length - before).toBe(1)
  })

  test('a gateway killed with -9 while it sends loses nothing: another sends it under the same key, once', async () => {
    await webhook('/slow')
    hook.answer(() => null)
    const before = hook.got.length
    const gateway = fork(new URL('./delivering-process.ts', import.meta.url))
    try {
      gateway.send({ node: h.node, aheadMilliseconds: h.clock.now().getTime() - Date.now() })
      await h.raise(failures('ada'))
      await expect.poll(() => hook.got.length - before, { timeout: 20_000, interval: 20 }).toBe(1)
    } finally {
      gateway.kill('SIGKILL')
      await once(gateway, 'exit')
    }
    hook.answer(() => ({ status: 200 }))
    expect(await deliverAll()).toEqual([]) // its claim holds: it may still be sending
    h.advance(claimSeconds + 1)
    expect(await deliverAll()).toEqual(['taken'])
    h.advance(claimSeconds + 1)
    expect(await deliverAll()).toEqual([])
    const [first, second, ...more] = hook.got.slice(before).map(({ headers }) => headers['webhook-id'])
    expect([second, more]).toEqual([first, []])
  }, 40_000)

  test('two gateways that both listen send twenty alerts once each', async () => {
    await webhook()
    const onError = (error: unknown): void => expect(error).toBeNull()
    const both = [startAlertDelivery({ ...h.needs, onError }), startAlertDelivery({ ...h.needs, onError })]
    try {
      const before = hook.got.length
      await Promise.all(Array.from({ length: 20 }, (_, index) => h.raise(failures(`user-${index}`))))
      const done = async () => (await messages()).filter(({ state }) => state === 'delivered').length
      await expect.poll(done, { timeout: 10_000, interval: 20 }).toBe(20)
      const keys = hook.got.slice(before).map(({ headers }) => headers['webhook-id'])
      expect([keys.length, new Set(keys).size]).toEqual([20, 20])
    } finally {
      await Promise.all(both.map((one) => one.close()))
    }
  })

  test('a channel that has just taken something holds up nobody who raises an alert', async () => {
    await webhook()
    const { id } = await h.db.selectFrom('alert_channel').select('id').executeTakeFirstOrThrow()
    const settling = await h.db.startTransaction().execute()
    await noteTaken(settling, id, h.clock.now())
    // what a message's foreign key takes
    const { rows } = await sql`select from alert_channel where id = ${id} for key share skip locked`.execute(h.db)
    await settling.rollback().execute()
    expect(rows).toHaveLength(1)
  })

  test('is tried again by the sweep; the channel says that it fails, and that it recovered', async () => {
    await webhook()
    hook.answer(() => ({ status: 503, says: 'busy' }))
    await h.raise(failures('ada'))
    const before = (await h.record()).length
    expect(await deliverAll()).toEqual(['failed'])
    expect(await h.sweep.nextDueInSeconds()).toBeGreaterThan(0)
    expect((await h.call('alertChannel.list', {})).items).toMatchObject([
      { waiting: 1, lastError: 'it answers with status 503' },
    ])
    hook.answer(() => ({ status: 200 }))
    h.advance(2)
    const run = await h.internal('alert.deliver', {}, randomUUID())
    expect(run).toMatchObject({ delivered: 1, failed: 0, nextDueInSeconds: null })
    const told = (await h.record()).slice(before).filter((one) => one.startsWith('alertChannel.'))
    expect(told.filter((one) => !one.includes('.list'))).toEqual([
      'alertChannel.failing allowed',
      'alertChannel.recovered allowed',
    ])
  })

  test('what its receiver will never take is dead at once, and shown', async () => {
    await webhook()
    hook.answer(() => ({ status: 400 }))
    await h.raise(failures('ada'))
    expect(await deliverAll()).toContain('failed')
    expect((await messages()).some(({ state, error }) => state === 'dead' && error?.includes('400'))).toBe(true)
    expect((await h.call('alertChannel.list', {})).items[0]?.deadLetters).toBeGreaterThan(0)
  })

  test('what no channel took is itself an alert, once, and is over when one takes it after all', async () => {
    await webhook()
    hook.answer(() => ({ status: 503 }))
    const { id } = await h.raise(failures('ada'))
    for (let tries = 0; tries < 3; tries++) {
      await deliverAll()
      h.advance(30)
    }
    const undelivered = async () => (await alerts()).find((one) => one.id === id)?.undelivered_at ?? null
    expect(await undelivered()).not.toBeNull()
    expect((await alerts()).filter(({ kind }) => kind === 'alert-undelivered')).toHaveLength(1)
    hook.answer(() => ({ status: 200 }))
    h.advance(300)
    await deliverAll()
    expect(await undelivered()).toBeNull()
  })

  test('of emergency access says so by a kind of its own, with the request, once', async () => {
    await webhook()
    hook.answer(() => ({ status: 503 }))
    const request = randomUUID()
    const { id } = await h.raise({
      kind: 'break-glass-created',
      about: { type: 'EmergencySession', id: randomUUID() },
      dedupeKey: request,
      facts: { request },
    })
    for (let tries = 0; tries < 4; tries++) {
      await deliverAll()
      h.advance(30)
    }
    const told = (await alerts()).filter(({ kind }) => kind.endsWith('-undelivered'))
    expect(told.map(({ kind, severity }) => [kind, severity])).toEqual([['break-glass-undelivered', 'critical']])
    expect(JSON.parse(told[0]?.facts ?? '')).toEqual({ request, alert: id })
  })

  test('of a drill says so as of anything else', async () => {
    const about = { type: 'BreakGlassRequest', id: randomUUID() } as const
    await h.raise({ kind: 'break-glass-drill', about, dedupeKey: about.id, facts: {} })
    const told = (await alerts()).filter(({ kind }) => kind.endsWith('-undelivered'))
    expect(told.map(({ kind }) => kind)).toEqual(['alert-undelivered'])
  })

  test('of what belongs to an ordinary day is none where no channel was ever set up', async () => {
    const about = { type: 'Lease', id: randomUUID() } as const
    await h.raise({ kind: 'lease-expiring', about, dedupeKey: about.id, facts: { backend: 'postgres' } })
    expect((await alerts()).map(({ kind, undelivered_at: at }) => [kind, at])).toEqual([['lease-expiring', null]])
  })

  test('with no channel at all, that nobody is told stands in the list', async () => {
    const { id } = await h.raise(failures('ada'))
    const kinds = (await alerts()).map((one) => [one.kind, one.undelivered_at !== null])
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['auth-failures', true],
        ['alert-undelivered', true],
      ]),
    )
    expect(id).toBeTruthy()
  })
})

describe('looking after alerts', () => {
  test('one person acknowledges, by name; the same within its quiet time is only counted', async () => {
    const { id } = await h.raise(failures('ada'))
    const done = await h.call('alert.acknowledge', { id, note: 'Ada mistyped' })
    expect(done).toMatchObject({ id, state: 'acknowledged', acknowledgement: 'Ada mistyped' })
    expect(done.acknowledgedBy).toMatch(/^admin-/)
    expect((await h.refusal('alert.acknowledge', { id })).code).toBe('conflict')
    expect((await h.refusal('alert.acknowledge', { id: randomUUID() })).code).toBe('not-found')
    expect(await h.raise(failures('ada'))).toMatchObject({ id, told: false, count: 2 })
    h.advance(3600)
    const again = await h.raise(failures('ada'))
    expect(again).toMatchObject({ told: true, count: 1 })
    expect(again.id).not.toBe(id)
    expect((await h.call('alert.list', { state: 'open', kind: 'auth-failures' })).items.map((one) => one.id)).toEqual([
      again.id,
    ])
  })

  test('one is read by its id; another, or none, is not there', async () => {
    const { id } = await h.raise(failures('ada'))
    expect(await h.call('alert.get', { id })).toMatchObject({ id, kind: 'auth-failures', count: 1, state: 'open' })
    for (const none of [randomUUID(), 'no-id'])
      expect((await h.refusal('alert.get', { id: none })).code).toBe('not-found')
  })

  test('a stream begins with the open ones, and goes on with each that is raised or acknowledged', async () => {
    const { id } = await h.raise(failures('ada'))
    const stream = (await h.subscribe('alert.stream', { severity: 'high' }))[Symbol.asyncIterator]()
    const next = async () => ((await stream.next()) as { value: { id: string; state: string; kind: string } }).value
    const first = [await next(), await next()] // with no channel, that is an alert of its own
    expect(first.map(({ kind }) => kind).toSorted()).toEqual(['alert-undelivered', 'auth-failures'])
    await h.call('alert.acknowledge', { id })
    expect(await next()).toMatchObject({ id, state: 'acknowledged' })
    await stream.return?.()
  })
})

describe('what an alert is about', () => {
  const id = '019ad38e-1f2a-7c3b-8d4e-5f6071829304'
  const subjectOf = async (alert: Parameters<AlertSystem['raise']>[0]) => {
    const raised = await h.raise(alert)
    return (await h.call('alert.get', { id: raised.id })).about
  }

  test('is said by a name that people know, beside its id', async () => {
    const ada = personOf(`ada-${randomUUID().slice(0, 8)}`)
    await addPerson(ada)
    const whole = { type: 'System', id: 'gatehouse' } as const
    const named: readonly [Parameters<AlertSystem['raise']>[0], string | null][] = [
      [failures(ada.id), ada.username],
      [
        { kind: 'incident-severe', about: whole, dedupeKey: 'i1', facts: { incident: id, title: 'disk full' } },
        'disk full',
      ],
      [
        { kind: 'incident-clock', about: whole, dedupeKey: 'i2', facts: { incident: id, title: 'keys lost' } },
        'keys lost',
      ],
      [
        {
          kind: 'break-glass-requested',
          about: { type: 'BreakGlassRequest', id },
          dedupeKey: id,
          facts: { requester: 'grace' },
        },
        'grace',
      ],
      [
        { kind: 'lease-irrevocable', about: { type: 'Lease', id }, dedupeKey: id, facts: { role: 'deploy@db-1' } },
        'deploy@db-1',
      ],
      [
        { kind: 'refresh-token-reused', about: { type: 'Session', id }, dedupeKey: id, facts: { user: ada.id } },
        ada.username,
      ],
      [{ kind: 'kms-error', about: whole, dedupeKey: 'k', facts: { use: 'unwrap' } }, null],
    ]
    for (const [alert, name] of named) expect(await subjectOf(alert)).toEqual({ ...alert.about, name })
  })
})

describe('what is found in passing', () => {
  const open = () => {
    const port = createAlertPort({ log: () => undefined, onError: (error) => expect(error).toBeNull() })
    port.open({ db: h.db, clock: h.clock, raiseAlert: h.raiseAlert, revocationSpike: () => Promise.resolve(10) })
    return port
  }

  test('is written soon after, with those facts alone that its kind declares', async () => {
    const port = open()
    port.raise('lease-irrevocable', { lease: 'lease-1', backend: 'ssh-key', attempts: 24, password: 'nobody declared' })
    await expect
      .poll(async () => (await alerts()).find(({ kind }) => kind === 'lease-irrevocable'), { interval: 20 })
      .toMatchObject({ about_type: 'Lease', about_id: 'lease-1', facts: '{"backend":"ssh-key","attempts":24}' })
    await port.close()
  })

  test('is written before the process ends', async () => {
    const port = open()
    for (const lease of ['lease-2', 'lease-3', 'lease-4'])
      port.raise('lease-irrevocable', { lease, backend: 'ssh-key', attempts: 24 })
    await port.close()
    const about = (await alerts()).flatMap(({ about_type: type, about_id: id }) => (type === 'Lease' ? [id] : []))
    expect(about.toSorted()).toEqual(['lease-2', 'lease-3', 'lease-4'])
  })

  test('more revocations than the setting says within five minutes are one alert, over all nodes', async () => {
    const [one, two] = [open(), open()]
    const spikes = async () =>
      (await alerts()).filter(({ kind }) => kind === 'revocation-spike').map(({ facts }) => facts)
    one.noteRevocations(6)
    await expect.poll(() => h.db.selectFrom('alert_window').selectAll().execute(), { interval: 20 }).toHaveLength(1)
    expect(await spikes()).toEqual([])
    two.noteRevocations(5)
    await expect.poll(spikes, { interval: 20 }).toEqual(['{"revocations":11,"windowSeconds":300}'])
    one.noteRevocations(5)
    await expect
      .poll(async () => (await h.db.selectFrom('alert_window').select('count').executeTakeFirst())?.count, {
        interval: 20,
      })
      .toBe(16)
    expect(await spikes()).toHaveLength(1)
    await Promise.all([one.close(), two.close()])
  })

  test('revocations are not forgotten when the transaction that counts them fails', async () => {
    await h.db.deleteFrom('alert_window').execute()
    const failed: unknown[] = []
    const port = createAlertPort({ log: () => undefined, onError: (error) => failed.push(error) })
    const raiseAlert: typeof h.raiseAlert = (tx, alert) =>
      failed.length === 0 ? Promise.reject(new Error('the database is away')) : h.raiseAlert(tx, alert)
    port.open({ db: h.db, clock: h.clock, raiseAlert, revocationSpike: () => Promise.resolve(10) })
    port.noteRevocations(11)
    await expect
      .poll(async () => (await alerts()).find(({ kind }) => kind === 'revocation-spike')?.facts, {
        interval: 100,
        timeout: 5000,
      })
      .toBe('{"revocations":11,"windowSeconds":300}')
    expect(failed).toHaveLength(1)
    await port.close()
  })
})
