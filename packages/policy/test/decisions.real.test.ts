import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { declarationOf, isOperationName, type Output } from '@gatehouse/contract'
import { uid, type DecisionRequest } from '@gatehouse/enforcement'
import { volume } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyReceipt } from '../src/verify-receipt.ts'
import { decideOnce, isSameVerdict, prepareFiles } from '../src/rerun-decision.ts'
import { openPolicySystem, personOf, type PolicySystem } from './policy-system.ts'
import { policy } from './policy-texts.ts'

let system: PolicySystem
const admin = personOf('Admin')
const developer = personOf('Developer')
const viewer = personOf('Viewer')

beforeAll(async () => {
  system = await openPolicySystem()
})
afterAll(() => system.close())

/** A receipt as `decision get --json` prints it. */
const onWire = (receipt: Output<'decision.get'>): string =>
  JSON.stringify(declarationOf('decision.get').output.encode(receipt))

/** Some calls of all kinds: allowed and refused, on the system, lists, an entry, a change. */
async function someCalls(): Promise<void> {
  system.as(developer)
  await system.call('policy.list')
  await system.call('access.mine')
  await system.call('audit.search')
  await system.refusal('policy.reload')
  system.as(viewer)
  await system.refusal('policy.list')
  await system.refusal('audit.search')
  system.as(admin)
  await system.call('policy.reload')
}

describe('each recorded decision can be made again', () => {
  test('exactly, from its receipt alone, by the policies that decided then', async () => {
    await someCalls()
    // from now on other policies decide; what was decided before is made again by the old ones
    await writeFile(
      join(system.policies, 'admin/more.cedar'),
      policy('no-lists', 'forbid (principal in Role::"Developer", action == Action::"policy.list", resource);'),
    )
    await system.call('policy.reload')
    system.as(developer)
    await system.refusal('policy.list')
    system.as(admin)
    const { items } = await system.call('decision.list', { first: 100 })
    expect(items.length).toBeGreaterThanOrEqual(9)
    expect(new Set(items.map(({ policyVersion }) => policyVersion)).size).toBe(2)
    expect(new Set(items.map(({ effect }) => effect))).toEqual(new Set(['allow', 'deny']))
    // plain Cedar reads the whole set for each: one of a kind is asked under `npm test`
    const kinds = new Map(items.map((item) => [item.policyVersion + item.effect, item]))
    const asked = volume({ full: items, sample: [...kinds.values()] })
    for (const { id, action, effect, policies, policyVersion } of asked) {
      const receipt = await system.call('decision.get', { id })
      expect([action, receipt.replayable, receipt.missing]).toEqual([action, true, null])
      const prepared = prepareFiles(
        receipt.files.map(({ path, text }) => ({ file: path, text })),
        { place: 'receipt' },
      )
      expect(prepared.set.version).toBe(policyVersion)
      const request = JSON.parse(receipt.request ?? '') as DecisionRequest // as the receipt has it
      const again = decideOnce(prepared, request)
      expect([action, again, isSameVerdict(again, { effect, policies })]).toEqual([action, { effect, policies }, true])
      expect(verifyReceipt(onWire(receipt))).toEqual({ ok: true, verdict: { effect, policies }, problems: [] })
      expect(request.context['ip']).toEqual({ __extn: { fn: 'ip', arg: '192.0.2.7' } })
    }
  })

  test('and a receipt that was altered is found out', async () => {
    system.as(admin)
    const { items } = await system.call('decision.list', { policy: 'no-lists', first: 1 })
    const receipt = await system.call('decision.get', { id: items[0]?.id ?? '' })
    const altered = (parts: Partial<Output<'decision.get'>>) => verifyReceipt(onWire({ ...receipt, ...parts })).problems
    expect(altered({})).toEqual([])
    const asked = receipt.request ?? ''
    expect(altered({ request: asked.replaceAll('Developer', 'Auditor') })).toEqual([
      'made again it is allow by auditor-reads, and the audit entry says deny by no-lists',
    ])
    expect(altered({ request: asked.replace('"action":"policy.list"', '"action":"policy.status"') })).toContain(
      'another action was asked for than the audit entry names',
    )
    expect(altered({ request: asked.replaceAll(developer.id, admin.id) })).toContain(
      'another principal was asked for than the audit entry names',
    )
    expect(altered({ files: receipt.files.filter(({ path }) => path !== 'admin/more.cedar') })).toContain(
      'these are not the policies that the audit entry names',
    )
    expect(altered({ request: null })).toHaveLength(1)
    expect(altered({ request: '{}' })).toEqual(['what was asked is not readable'])
    expect(verifyReceipt('{}').ok).toBe(false)
  })

  test('until the address is erased: then it says so, and nothing of it stands beside the entry', async () => {
    system.as(admin)
    const { items } = await system.call('decision.list', { action: 'policy.list', first: 1 })
    const id = items[0]?.id ?? ''
    const { asked } = await system.admin
      .selectFrom('audit_entry')
      .select('asked')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(asked).not.toContain('192.0.2.7')
    await sql`select audit_lock_parts()`.execute(system.admin) // as erasing somebody begins
    await system.admin.deleteFrom('audit_personal').where('entry_id', '=', id).execute()
    expect(await system.call('decision.get', { id })).toMatchObject({
      replayable: false,
      request: null,
      missing: 'what it knew of the caller was erased',
    })
    expect((await system.call('decision.list', { action: 'policy.list', first: 1 })).items[0]?.replayable).toBe(false)
  })
})

describe('decision.list', () => {
  test('finds by person, action, effect, policy and time', async () => {
    system.as(admin)
    const found = async (filters: object) =>
      (await system.call('decision.list', { first: 100, ...filters })).items.map(({ action, principal }) => [
        action,
        principal.id,
      ])
    expect(await found({ policy: 'viewer-no-audit-log' })).toEqual([
      ['audit.search', viewer.id],
      ['policy.list', viewer.id],
    ])
    expect(await found({ actor: viewer.id, effect: 'allow' })).toEqual([])
    expect(await found({ actor: viewer.username })).toHaveLength(2)
    expect(await found({ action: 'access', from: '1h' })).toEqual([['access.mine', developer.id]])
    expect(await found({ to: '1h' })).toEqual([])
  })

  test('leaves out reads where only other kinds are asked for, and nothing else', async () => {
    system.as(admin)
    const to = system.now().toISOString()
    const found = async (kinds?: readonly ('change' | 'refusal' | 'event' | 'read')[]) =>
      (await system.call('decision.list', { first: 100, to, ...(kinds === undefined ? {} : { kinds: [...kinds] }) }))
        .items
    const all = await found()
    const [shown, reads] = [await found(['change', 'refusal', 'event']), await found(['read'])]
    const isRead = ({ action, outcome }: { action: string; outcome: string }): boolean =>
      outcome === 'allowed' && isOperationName(action) && declarationOf(action).kind === 'query'
    expect(shown.map(({ id }) => id)).toEqual(all.filter((one) => !isRead(one)).map(({ id }) => id))
    expect(reads.map(({ id }) => id)).toEqual(all.filter(isRead).map(({ id }) => id))
    expect(new Set(shown.map(({ effect }) => effect))).toEqual(new Set(['allow', 'deny']))
    expect(reads.length).toBeGreaterThan(0)
  })

  test('pages through all of them, newest first, each once', async () => {
    system.as(admin)
    const whole = (await system.call('decision.list', { first: 100, to: system.now().toISOString() })).items
    const seen: string[] = []
    for (let after: string | undefined; ;) {
      const { items, nextCursor } = await system.call('decision.list', {
        first: 3,
        to: whole[0]?.at.toISOString(),
        ...(after === undefined ? {} : { after }),
      })
      seen.push(...items.map(({ id }) => id))
      if (nextCursor === null) break
      after = nextCursor
    }
    expect(seen).toEqual(whole.map(({ id }) => id))
  })

  test('refuses what is no time and no policy', async () => {
    system.as(admin)
    expect(await system.refusal('decision.list', { from: 'yesterday' })).toMatchObject({ code: 'invalid-input' })
    expect(await system.refusal('decision.list', { policy: 'No Such' })).toMatchObject({ code: 'invalid-input' })
  })

  test('is for those who read the whole audit log', async () => {
    system.as(personOf('Auditor'))
    await system.call('decision.list')
    for (const role of ['Operator', 'Developer', 'Viewer'] as const) {
      system.as(personOf(role))
      expect([role, (await system.refusal('decision.list')).code]).toEqual([role, 'forbidden'])
    }
  })
})

describe('decision.get', () => {
  test('does not exist for those who may not see the entry, and for entries without a decision', async () => {
    system.as(admin)
    const id = (await system.call('decision.list', { first: 1 })).items[0]?.id ?? ''
    system.as(personOf('Operator'))
    expect((await system.refusal('decision.get', { id })).code).toBe('not-found')
    system.as(admin)
    expect((await system.refusal('decision.get', { id: randomUUID() })).code).toBe('not-found')
    await system.db
      .transaction()
      .execute((tx) =>
        system.change.event(tx, { name: 'policy.reloaded', resource: uid('System', 'gatehouse'), detail: {} }),
      )
    const event = (await system.entries()).findLast(({ action }) => action === 'policy.reloaded')
    expect((await system.refusal('decision.get', { id: event?.['id'] })).code).toBe('not-found')
  })
})

// Threat C6: who asks takes a deny without a reason for one that no policy permits
test('a policy that errs is named by policy.evaluate and policy.explain, also of a decision of the past', async () => {
  const file = join(system.policies, 'admin/errs.cedar')
  const text =
    'forbid (principal, action == Action::"policy.list", resource) when { context.hour + 9223372036854775807 > 0 };'
  system.as(admin)
  await writeFile(file, policy('errs', text))
  await system.call('policy.reload')
  const asked = { action: 'policy.list', resource: { type: 'System', id: 'gatehouse' } } as const
  const errors = ['policy `errs` could not be evaluated, and nothing is allowed beside that']
  const answer = await system.call('policy.evaluate', asked)
  expect(answer).toMatchObject({ decision: 'deny', policies: [], reasons: [], errors })
  for (const question of [asked, { decision: answer.decisionId }]) {
    const { conditions, ...explained } = await system.call('policy.explain', question)
    expect(explained).toMatchObject({ decision: 'deny', errors })
    expect(conditions.filter(({ policy: id }) => id === 'errs').map(({ holds }) => holds)).toEqual([true, null])
  }
  await rm(file)
  await system.call('policy.reload')
})
