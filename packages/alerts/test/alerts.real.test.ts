// Alerts: what is found is told once, whoever finds it how often, and whatever dies on the way.
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startAlertSystem, type AlertSystem } from './alert-system.ts'

let h: AlertSystem
beforeAll(async () => {
  h = await startAlertSystem()
})
afterEach(async () => {
  await h.db.deleteFrom('alert').execute()
  await h.db.deleteFrom('alert_channel').execute()
})
afterAll(() => h.close())

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
