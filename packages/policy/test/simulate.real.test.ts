import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemId, type Output } from '@gatehouse/contract'
import { uid, type AuditDraft } from '@gatehouse/enforcement'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPolicySource } from '../src/policy-source.ts'
import { prepareFiles } from '../src/rerun-decision.ts'
import { simulate } from '../src/simulate.ts'
import { createShadowSet } from '../src/shadow/shadow-set.ts'
import { dropShadow } from '../src/shadow/shadow.queries.ts'
import { openPolicySystem, personOf, type PolicySystem } from './policy-system.ts'
import { policy, shippedPolicies } from './policy-texts.ts'

let system: PolicySystem
const [admin, developer, viewer] = [personOf('Admin'), personOf('Developer'), personOf('Viewer')]
let shipped: { path: string; text: string }[]

beforeAll(async () => {
  system = await openPolicySystem()
  shipped = (await readPolicySource(shippedPolicies)).policies.map(({ file, text }) => ({ path: file, text }))
  for (let round = 0; round < 3; round += 1) {
    system.as(developer)
    await system.call('policy.list')
    system.as(viewer)
    await system.refusal('policy.list')
  }
  system.as(admin)
  await system.call('policy.status')
})
afterAll(() => system.close())

const more = (text: string) => ({ path: 'admin/more.cedar', text })

describe('policy.simulate', () => {
  test('finds no difference where the policies are the same', async () => {
    system.as(admin)
    const same = await system.call('policy.simulate', { files: shipped, from: '1h' })
    expect(same).toMatchObject({ flipped: 0, flips: [], principals: [], notReplayable: 0 })
    expect(same.decisions).toBeGreaterThanOrEqual(7)
    expect(same.policyVersion).toBe(system.engine.status().version)
  })

  test('lists every decision that would be another, by principal, with the policies of both', async () => {
    system.as(admin)
    const forbidding = policy(
      'no-lists',
      'forbid (principal in Role::"Developer", action == Action::"policy.list", resource);',
    )
    const loosened = shipped.map(({ path, text }) => ({
      path,
      text: path === 'admin/roles.cedar' ? withoutViewersForbid(text) : text,
    }))
    const files = [
      ...loosened,
      more(forbidding + policy('all', 'permit (principal, action == Action::"policy.list", resource);')),
    ]
    const answer = await system.call('policy.simulate', { files, from: '1h' })
    const told = answer.flips.map(({ principal, action, was, would, wasBy, wouldBy }) => ({
      who: principal.id,
      action,
      was,
      would,
      wasBy,
      wouldBy,
    }))
    const lost = {
      who: developer.id,
      action: 'policy.list',
      was: 'allow',
      would: 'deny',
      wasBy: ['policy-readable'],
      wouldBy: ['no-lists'],
    }
    const gained = {
      who: viewer.id,
      action: 'policy.list',
      was: 'deny',
      would: 'allow',
      wasBy: ['viewer-no-audit-log'],
      wouldBy: ['all'],
    }
    expect(told.filter(({ who }) => who === developer.id)).toEqual([lost, lost, lost])
    expect(told.filter(({ who }) => who === viewer.id)).toEqual([gained, gained, gained])
    expect(answer.flipped).toBe(6)
    expect(answer.principals).toContainEqual({ principal: { type: 'User', id: viewer.id }, gains: 3, losses: 0 })
    expect(answer.principals).toContainEqual({ principal: { type: 'User', id: developer.id }, gains: 0, losses: 3 })
  })

  test('names the policy that erred where nothing would be allowed beside it', async () => {
    system.as(admin)
    const overflowing = '9223372036854775807 + (context.hour + 1) >= 0'
    const errs = policy(
      'errs',
      `forbid (principal, action == Action::"policy.list", resource) when { ${overflowing} };`,
    )
    const { flips } = await system.call('policy.simulate', { files: [...shipped, more(errs)], from: '1h' })
    const told = flips.map(({ would, wouldBy, errors }) => ({ would, wouldBy, errors }))
    expect(told).toEqual(flips.map(() => ({ would: 'deny', wouldBy: [], errors: ['errs'] })))
    expect(flips.filter(({ principal }) => principal.id === developer.id)).toHaveLength(3)
  })

  test('changes nothing, and is recorded with what it found, not with the files', async () => {
    system.as(admin)
    const { version } = system.engine.status()
    await system.call('policy.simulate', { files: shipped, from: '1h' })
    expect(system.engine.status().version).toBe(version)
    const entry = (await system.entries()).findLast(({ action }) => action === 'policy.simulate')
    expect(entry).toMatchObject({ outcome: 'allowed', detail: { candidate: version, flipped: 0 } })
    expect(JSON.stringify(entry)).not.toContain('viewer-read-only')
  })

  // Threat C22: minutes of a processor for somebody who has gone, one after the other in the one row of simulations
  test('ends when nobody waits for it any more, within its turn, and keeps nobody from the next', async () => {
    system.as(admin)
    const gone = new AbortController()
    let [batches, closed] = [0, false]
    async function* decisions() {
      try {
        for (; batches < 1_000; batches += 1) {
          if (batches === 3) gone.abort()
          yield []
        }
      } finally {
        closed = true
      }
    }
    const candidate = prepareFiles(system.engine.files(), { place: 'a test' })
    const waited = simulate(candidate, decisions(), { reached: () => undefined, givenUp: gone.signal })
    await expect(waited).rejects.toMatchObject({ code: 'unavailable' })
    expect([batches, closed]).toEqual([3, true])
    const files = shipped
    const called = system.call('policy.simulate', { files, from: '1h' }, AbortSignal.abort())
    await expect(called).rejects.toMatchObject({ code: 'unavailable' })
    expect((await system.entries()).at(-1)).toMatchObject({ action: 'policy.simulate', refusal: 'unavailable' })
    expect((await system.call('policy.simulate', { files, from: '1h' })).decisions).toBeGreaterThan(0)
  })

  test('looks at the period alone, and says what can no longer be made again', async () => {
    system.as(admin)
    const before = await system.call('policy.simulate', { files: shipped, from: '2h', to: '1h' })
    expect(before.decisions).toBe(0)
    await system.admin.deleteFrom('audit_subject_key').where('subject', '=', viewer.id).execute()
    const erased = await system.call('policy.simulate', { files: shipped, from: '1h' })
    expect(erased.notReplayable).toBe(3)
  })

  test('refuses policies that are not valid, and a bare directory, naming the field', async () => {
    system.as(admin)
    const wrong = await system.refusal('policy.simulate', {
      files: [more('permit (principal, action resource);')],
      from: '1h',
    })
    expect(wrong).toMatchObject({ code: 'invalid-input', details: { fields: [{ path: 'files' }] } })
    const text = await readFile(join(shippedPolicies, 'schema/entities.cedarschema'), 'utf8')
    const old = [...shipped, { path: 'schema/entities.cedarschema', text }]
    expect((await system.refusal('policy.simulate', { files: old, from: '1h' })).code).toBe('invalid-input')
    expect(
      (await system.refusal('policy.simulate', { files: [{ path: '../x.cedar', text: 'x' }], from: '1h' })).code,
    ).toBe('invalid-input')
  })

  test('is for those who read the whole audit log', async () => {
    system.as(personOf('Auditor'))
    await system.call('policy.simulate', { files: shipped, from: '1h' })
    for (const role of ['Operator', 'Developer', 'Viewer'] as const) {
      system.as(personOf(role))
      expect((await system.refusal('policy.simulate', { files: shipped, from: '1h' })).code).toBe('forbidden')
    }
  })
})

test('policy.matrix says who may do what, as the policies in force decide, and lets others in between', async () => {
  system.as(admin)
  let turns = 0
  const counting = setInterval(() => (turns += 1), 0)
  const { rows, policyVersion } = await system.call('policy.matrix').finally(() => clearInterval(counting))
  expect(turns).toBeGreaterThan(rows.length / 4)
  expect((await system.call('policy.matrix')).rows).toEqual(rows)
  expect(policyVersion).toBe(system.engine.status().version)
  expect(rows.find(({ operation }) => operation === 'policy.reload')).toEqual({
    operation: 'policy.reload',
    floor: 'su',
    permissions: [{ caller: 'Admin', may: 'yes*' }],
  })
  system.as(viewer)
  expect((await system.refusal('policy.matrix')).code).toBe('forbidden')
})

/** The role's file without the one policy. */
function withoutViewersForbid(text: string): string {
  const from = text.indexOf('@id("viewer-no-audit-log")')
  return text.slice(0, from) + text.slice(text.indexOf(';', from) + 1)
}

describe('policy.shadowPublish, policy.shadowReport, policy.shadowDrop', () => {
  const reason = 'to see what it would change'
  const withForbid = (text: string) => [...shipped, more(text)]
  const noLists = policy(
    'no-lists',
    'forbid (principal in Role::"Developer", action == Action::"policy.list", resource);',
  )

  const listing: AuditDraft = {
    action: 'policy.list',
    outcome: 'allowed',
    principal: developer,
    resource: uid('System', systemId),
    workspace: null,
    input: {},
    refusal: null,
    call: { requestId: 'r', at: new Date(), address: '192.0.2.7', userAgent: 'vitest', transport: 'trpc' },
    decision: { effect: 'allow', policies: ['policy-readable'], version: 'v' },
    request: {
      principal: uid('User', developer.id),
      action: 'policy.list',
      resource: uid('System', systemId),
      context: {},
      entities: [],
    },
  }

  /** Once its thread is ready: what comes before waits, so that a test need not. */
  const reportWhen = async (isEnough: (report: Output<'policy.shadowReport'>) => boolean) => {
    system.as(admin)
    const until = performance.now() + 30_000
    for (;;) {
      const report = await system.call('policy.shadowReport')
      if (isEnough(report) || performance.now() > until) return report
      await pause(100)
    }
  }

  test('without effect: every answer stays, and each flip is counted by policy, action and principal', async () => {
    system.as(admin)
    const { version } = system.engine.status()
    const shadow = await system.call('policy.shadowPublish', { files: withForbid(noLists), reason })
    expect(shadow).toMatchObject({ setBy: admin.id, reason })
    expect(system.engine.status().version).toBe(version)
    system.as(developer)
    for (let round = 0; round < 3; round += 1) await system.call('policy.list', { first: 10 + round })
    const report = await reportWhen(({ newlyDenied }) => newlyDenied >= 3)
    expect(report).toMatchObject({ shadow: { id: shadow.id }, newlyAllowed: 0, newlyDenied: 3, dropped: 0, errored: 0 })
    const [flip] = report.flips
    expect(report.flips).toHaveLength(1)
    expect(flip).toMatchObject({
      would: 'deny',
      policies: ['no-lists'],
      wasPolicies: ['policy-readable'],
      action: 'policy.list',
      principal: { type: 'User', id: developer.id },
      count: 3,
    })
    const example = await system.call('decision.get', { id: flip?.exampleId ?? '' })
    expect(example).toMatchObject({ action: 'policy.list', effect: 'allow', principal: { id: developer.id } })
  })

  test('of sets that are set at the same time one stays, and another one is not ended in its place', async () => {
    system.as(admin)
    const files = withForbid(noLists)
    const set = await Promise.all([1, 2, 3].map(() => system.call('policy.shadowPublish', { files, reason })))
    const rows = await system.admin.selectFrom('policy_shadow').select('id').execute()
    expect(set.map(({ id }) => id)).toContain(rows[0]?.id)
    expect(rows).toHaveLength(1)
    const stale = set.find(({ id }) => id !== rows[0]?.id)
    await system.db.transaction().execute(async (tx) => expect(await dropShadow(tx, stale?.id ?? '')).toBe(false))
    expect(await system.admin.selectFrom('policy_shadow').select('id').execute()).toEqual(rows)
  })

  test('two nodes decide by it, and the report is the sum of both, also after one has gone', async () => {
    const before = await reportWhen(() => true)
    const node = createShadowSet({ node: 'node-2', db: system.db, clock: system })
    await node.follow()
    for (let n = 0; n < 2_050; n += 1) node.observe(listing, { entryId: randomUUID(), seconds: null })
    node.observe({ ...listing, decision: null }, { entryId: randomUUID(), seconds: null })
    node.observe(listing, { entryId: null, seconds: null })
    await node.close()
    // it ended before its thread was ready: what waited is dropped, and so is what no longer found a place
    const after = await reportWhen(() => true)
    expect(after.nodes.find((one) => one.node === 'node-2')).toMatchObject({ decided: 0, dropped: 2_050 })
    expect(after.dropped).toBe(before.dropped + 2_050)
    system.setNow(new Date(Date.now() + 11 * 60_000))
    const later = await reportWhen(() => true)
    system.setNow(new Date())
    expect(later.nodes.map(({ node: name }) => name)).toEqual(['node-1', 'nodes that are gone'])
    expect(later.dropped).toBe(after.dropped)
  })

  test('a set that errs decides nothing for anybody; it counts as a deny by the policy that erred', async () => {
    system.as(admin)
    const errs = policy(
      'errs',
      'forbid (principal, action, resource) when { 9223372036854775807 + (context.hour + 1) >= 0 };',
    )
    await system.call('policy.shadowPublish', { files: withForbid(errs), reason })
    system.as(developer)
    await system.call('policy.list')
    const report = await reportWhen(({ flips }) => flips.some(({ action }) => action === 'policy.list'))
    expect(report.errored).toBeGreaterThan(0)
    // what waited for the set before it is not counted to this one
    expect(report.dropped).toBe(0)
    expect(report.flips.find(({ action }) => action === 'policy.list')).toMatchObject({
      would: 'deny',
      errors: ['errs'],
    })
  })

  test('what is not valid is refused with file and line, and the set that decides beside stays', async () => {
    const before = await reportWhen(() => true)
    const refusal = await system.refusal('policy.shadowPublish', { files: [more('permit (principal);')], reason })
    expect(refusal).toMatchObject({ code: 'invalid-input', details: { fields: [{ path: 'files' }] } })
    expect((await reportWhen(() => true)).shadow).toEqual(before.shadow)
  })

  test('dropping it answers the last report and leaves nothing; there is nothing to drop then', async () => {
    system.as(admin)
    const last = await system.call('policy.shadowDrop', { reason })
    expect(last.flips.length).toBeGreaterThan(0)
    expect(await system.call('policy.shadowReport')).toMatchObject({ shadow: null, decided: 0, flips: [], nodes: [] })
    expect(await system.admin.selectFrom('policy_shadow_flip').selectAll().execute()).toEqual([])
    expect((await system.refusal('policy.shadowDrop', { reason })).code).toBe('conflict')
    const entry = (await system.entries()).findLast(({ action }) => action === 'policy.shadowPublish')
    expect(JSON.stringify(entry)).not.toContain('viewer-read-only')
  })

  test('an Auditor reads the report; only an Admin sets and drops', async () => {
    system.as(personOf('Auditor'))
    await system.call('policy.shadowReport')
    for (const role of ['Auditor', 'Operator', 'Developer', 'Viewer'] as const) {
      system.as(personOf(role))
      expect((await system.refusal('policy.shadowDrop', { reason })).code).toBe('forbidden')
      expect((await system.refusal('policy.shadowPublish', { files: shipped, reason })).code).toBe('forbidden')
      if (role !== 'Auditor') expect((await system.refusal('policy.shadowReport')).code).toBe('forbidden')
    }
  })
})
