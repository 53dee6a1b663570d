import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPolicySource } from '../src/policy-source.ts'
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

  test('changes nothing, and is recorded with what it found, not with the files', async () => {
    system.as(admin)
    const { version } = system.engine.status()
    await system.call('policy.simulate', { files: shipped, from: '1h' })
    expect(system.engine.status().version).toBe(version)
    const entry = (await system.entries()).findLast(({ action }) => action === 'policy.simulate')
    expect(entry).toMatchObject({ outcome: 'allowed', detail: { candidate: version, flipped: 0 } })
    expect(JSON.stringify(entry)).not.toContain('viewer-read-only')
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

test('policy.matrix says who may do what, as the policies in force decide', async () => {
  system.as(admin)
  const { rows, policyVersion } = await system.call('policy.matrix')
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
