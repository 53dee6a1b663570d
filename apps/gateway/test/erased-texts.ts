import type { Wire } from '@gatehouse/contract'
import { describe, expect, test } from 'vitest'
import type { DecisionSystem } from './decisions-system.ts'

/** Somebody whom others speak of, by what nothing else in the system holds. */
const mail = 'wilhelmina.quast@the-orchard.example'
const name = 'Wilhelmina Quast'
const username = 'wquast'
/** A text that no name of theirs stands in: it goes with the key of whom it was said of. */
const phone = '+44 20 7946 0018'
/** The same as a number. */
const digits = 442079460018

const todo = { type: 'todo', id: mail, properties: { ownerID: mail, watchers: ['a', name], phone: digits } }
const facts = { justification: `${name} rang from ${phone}`, reviewers: [mail, phone] }

/**
 * Threat F6: whoever asks for decisions says of things and calls what they like. On the application of the file that
 * calls it, since starting one takes seconds.
 */
export const erasedTextsTests = (system: () => DecisionSystem): void =>
  void describe('what questions say of a person', () => {
    const evaluate = (question: object, as = 'bound') =>
      system().call('policy.evaluate', question, as) as Promise<Wire<'policy.evaluate'>>
    const receiptOf = (id: string): Promise<Wire<'decision.get'>> =>
      system().call('decision.get', { id }, 'ada-admin') as Promise<Wire<'decision.get'>>
    const bob = { principal: { type: 'User', id: 'bob' } }
    const about = (id: string) => ({ principal: { type: 'User', id } })
    const question = {
      action: 'can_update_todo',
      resource: { type: todo.type, id: todo.id },
      properties: todo.properties,
      context: facts,
      parameters: [`for=${name}`],
    }
    const decisionIds: string[] = []

    test('is sealed wherever it is said, and the decision is made again of it exactly', async () => {
      const { id } = (await system().call(
        'user.create',
        { username, displayName: name, email: mail, role: 'Operator' },
        'ada-admin',
      )) as { id: string }
      await system().admin.query('update users set must_change_password = false where id = $1', [id])
      for (const asked of [
        { ...question, ...bob },
        { ...question, ...about(username) },
      ]) {
        const answer = await evaluate(asked)
        expect(answer).toMatchObject({ decision: 'allow', errors: [] })
        decisionIds.push(answer.decisionId)
      }
      const others = [
        { ...question, ...about(mail) },
        { ...question, ...bob, action: 'no-such-action' },
        { ...question, ...bob, action: 'lease.get', resource: { type: 'Lease', id: mail } },
        { ...question, ...bob, action: 'can_read_user', resource: { type: 'User', id: mail } },
        { ...question, ...bob, action: 'read', resource: { type: 'Server', id: mail }, properties: { provider: name } },
      ]
      for (const asked of others) decisionIds.push((await evaluate(asked)).decisionId)
      const over = await system().post(
        '/access/v1/evaluation',
        {
          subject: { type: 'user', id: 'bob', properties: { email: mail, phone } },
          action: { name: 'can_update_todo', properties: { wanted: name, parameters: { for: mail } } },
          resource: todo,
          context: { ...facts, note: name },
        },
        'bound',
      )
      expect(over.status).toBe(200)
      expect(await textsHolding(system(), ['users: '])).toEqual([])
      for (const id of decisionIds.slice(0, 2)) {
        const receipt = await receiptOf(id)
        expect(receipt).toMatchObject({ replayable: true, resource: { type: 'todo', id: mail } })
        const asked = JSON.parse(receipt.request ?? '') as { entities: { uid: object; attrs: object }[] }
        expect(asked).toMatchObject({ resource: { type: 'todo', id: mail }, context: facts })
        expect(asked.entities).toContainEqual(
          expect.objectContaining({
            uid: { type: 'todo', id: mail },
            attrs: expect.objectContaining(todo.properties) as object,
          }),
        )
      }
      const found = await search({ resource: `todo::${mail}` })
      expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(decisionIds.slice(0, 2)))
      expect(found.every(({ resource }) => resource.id === mail)).toBe(true)
    })

    test('is gone with them: from all tables, exports and answers, and the log verifies', async () => {
      const erased = { user: username, reason: 'ticket DP-7', takeTexts: true }
      const done = (await system().call('audit.anonymize', erased, 'ada-admin')) as Wire<'audit.anonymize'>
      expect(done.entriesNaming).toBeGreaterThan(decisionIds.length)
      expect(await textsHolding(system())).toEqual([])
      const shown = JSON.stringify([await search({ from: '1h' }), await exported()])
      expect(shown.length).toBeGreaterThan(10_000)
      expect(shown).not.toMatch(names)
      const receipts = await Promise.all(decisionIds.map(receiptOf))
      expect(JSON.stringify(receipts)).not.toMatch(names)
      // a number alone is theirs where it was said of them; said of somebody else, nobody knows whose it is
      expect(JSON.stringify(receipts[1])).not.toMatch(sought)
      expect(receipts.slice(0, 2)).toMatchObject([{ replayable: false }, { replayable: false }])
      expect(await search({ resource: `todo::${mail}` })).toEqual([])
      expect(await system().call('audit.verify', {}, 'ada-admin')).toMatchObject({ ok: true, problems: [] })
    })

    const search = async (filters: object) =>
      ((await system().call('audit.search', { first: 100, ...filters }, 'ada-admin')) as Wire<'audit.search'>).items
    const exported = async (): Promise<string> => {
      const { id } = (await system().call('audit.export', { format: 'jsonl' }, 'ada-admin')) as { id: string }
      const input = encodeURIComponent(JSON.stringify({ id }))
      return (await system().ask(`/trpc/audit.exportStream?input=${input}`, {}, 'ada-admin')).text
    }
  })

const names = /quast|orchard/i
const sought = /quast|orchard|7946 0018|442079460018/i

/** Where in the database one of their names or numbers stands in clear. */
async function textsHolding({ admin }: DecisionSystem, allowed: readonly string[] = []): Promise<string[]> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1`,
  )
  const found: string[] = []
  for (const { name: table } of tables) {
    const { rows } = await admin.query<{ text: string }>(
      `select t::text as text from ${table} as t where t::text ~* $1`,
      [sought.source],
    )
    found.push(...rows.map(({ text }) => `${table}: ${text}`))
  }
  return found.filter((text) => !allowed.some((one) => text.startsWith(one)))
}
