import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { copyOfPolicies, policy, shippedPolicies } from '../test/policy-texts.ts'
import { compareGrants, loadPolicies, PolicyError, type OfflinePolicies } from './offline.ts'
import { readSuites, runSuites } from './suites.ts'

let shipped: OfflinePolicies
beforeAll(async () => {
  shipped = await loadPolicies(shippedPolicies)
})
const run = (file: string, text: string) => runSuites(shipped.decider, [{ file, text }], () => Promise.resolve())

describe('suites of cases', () => {
  test('say of each case whether it meets its decision, and what differs', async () => {
    const text = `caller: Viewer
cases:
  - { call: policy.list, expect: deny, policies: [viewer-no-audit-log] }
  - { call: policy.list, expect: allow }
`
    const [met, missed] = await run('viewer.yaml', text)
    expect(met).toMatchObject({ file: 'viewer.yaml', difference: null })
    expect(missed?.difference).toBe('expected allow, met deny by [viewer-no-audit-log]')
    const platform = 'caller: Viewer\nplatform:\n  - { do: ssh, expect: allow }\n'
    expect((await run('platform-viewer.yaml', platform))[0]?.difference).toContain('expected allow, met deny')
  })

  test('that are none say where, and aliases that would fill the memory are refused', async () => {
    await expect(run('a.yaml', 'caller: Nobody\ncases: []\n')).rejects.toThrow(/a\.yaml: caller: /)
    await expect(run('a.yaml', 'caller: [')).rejects.toThrow(PolicyError)
    const bomb = 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n'
    await expect(run('a.yaml', bomb)).rejects.toThrow(/a\.yaml/)
  })

  test('are read from the folder of tests alone, each of a size that cases have', async () => {
    const path = await mkdtemp(join(tmpdir(), 'gh-suites-'))
    expect(await readSuites(path)).toEqual([])
    await mkdir(join(path, 'tests'))
    // as a file that goes away between the list of names and the reading
    await symlink(join(path, 'nowhere'), join(path, 'tests/gone.yaml'))
    expect(await readSuites(path)).toEqual([])
    await writeFile(join(path, 'tests/a.yaml'), 'x'.repeat(1024 * 1024 + 1))
    await expect(readSuites(path)).rejects.toThrow(/larger than/)
    await rm(path, { recursive: true })
    expect((await readSuites(shippedPolicies)).length).toBeGreaterThan(40)
  })
})

describe('who gains and who loses', () => {
  test('is nobody where the policies are the same', () => {
    expect(compareGrants(shipped.decider, shipped.decider)).toEqual([])
  })

  test('is told by role, operation or action of the platform, and tier', async () => {
    const copy = await copyOfPolicies()
    const more =
      policy('no-status', 'forbid (principal in Role::"Operator", action == Action::"policy.status", resource);') +
      policy('all-monitor', 'permit (principal in Role::"Viewer", action == Action::"monitor", resource is Secret);') +
      policy('no-monitor', 'forbid (principal in Role::"Viewer", action == Action::"monitor", resource is Server);')
    await appendFile(join(copy.path, 'admin/mfa.cedar'), `\n${more}`)
    const { decider } = await loadPolicies(copy.path)
    await copy.remove()
    const changes = compareGrants(shipped.decider, decider)
    expect(changes).toContainEqual({
      who: 'Operator',
      change: 'loses',
      what: 'policy.status',
      where: 'development',
      before: 'yes',
      after: '–',
    })
    const tiers = ['development', 'staging', 'production']
    expect(
      changes.filter(({ what }) => what === 'monitor').map(({ who, change, where }) => [who, change, where]),
    ).toEqual(tiers.map((tier) => ['Viewer', 'loses', tier]))
    expect(compareGrants(decider, shipped.decider).every(({ change }) => change === 'gains')).toBe(true)
  })
})
