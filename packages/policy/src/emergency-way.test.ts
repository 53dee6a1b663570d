import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { emergencyOf, policy, prepared, shippedPolicies, threePeople } from '../test/policy-texts.ts'
import { closedBy, newlyClosed, type ClosedWay, type EmergencyFacts } from './emergency-way.ts'
import type { PreparedSet } from './prepared-set.ts'

let shipped: string
let before: PreparedSet
beforeAll(async () => {
  const logIn =
    'permit (principal is Anonymous, action in [Action::"auth.login", Action::"auth.completeMfa"], resource);'
  shipped = `${await readFile(join(shippedPolicies, 'admin/break-glass.cedar'), 'utf8')}\n${policy('log-in', logIn)}`
  before = await prepared(shipped)
})

const closing = 'forbid (principal, action == Action::"breakGlass.approve", resource)'
const sources = emergencyOf(threePeople)
const never = {} as never // the sources of this test read nothing
const factsOf = async (people: EmergencyFacts['people']): Promise<EmergencyFacts> => ({
  people,
  workspaces: await sources.workspaces(never),
  count: await sources.needs.readCount(never),
  address: '192.0.2.7',
  now: new Date('2026-11-25T12:00:00Z'),
  step: () => Promise.resolve(),
})
const asked = async (text: string, people = threePeople): Promise<ClosedWay | null> =>
  newlyClosed({ candidate: await prepared(`${shipped}\n${policy('more', text)}`), before }, await factsOf(people))

describe('what closes emergency access', () => {
  test('is a set that takes one of the three from everybody, in one environment too, or at one hour', async () => {
    for (const action of ['breakGlass.request', 'breakGlass.approve', 'breakGlass.activate']) {
      const closed = await asked(`forbid (principal, action == Action::"${action}", resource);`)
      expect(closed?.problem).toContain(`ann (${action})`)
    }
    const forbid = 'forbid (principal, action == Action::"breakGlass.approve", resource)'
    expect((await asked(`${forbid} when { context.hour == 3 };`))?.at.getUTCHours()).toBe(3)
    const there = 'when { resource.workspace in Environment::"development" };'
    expect(await asked(`${forbid} ${there}`)).toMatchObject({ environment: 'development' })
  })

  test('is a set by which one who approves is left, and it names who is missing', async () => {
    const closed = await asked(`${closing} unless { principal in Team::"team-of-ann" };`)
    expect(closed?.problem).toContain('ben (breakGlass.approve), cas (breakGlass.approve)')
  })

  test('is a set by which nobody could log in then, by what they have', async () => {
    const atNight =
      'forbid (principal is Anonymous, action == Action::"auth.login", resource) when { context.hour == 3 };'
    const closed = await asked(atNight)
    expect([closed?.at.getUTCHours(), closed?.problem]).toEqual([3, expect.stringContaining('ann (log in)')])
    const byPasskeys =
      'permit (principal, action in [Action::"auth.passkeyBegin", Action::"auth.passkeyComplete"], resource);'
    const withPasskeys = threePeople.map((one) => ({ ...one, logsInBy: ['password', 'passkey'] as const }))
    const both = `${atNight}\n${policy('passkeys', byPasskeys)}`
    expect(await asked(both, withPasskeys)).toBeNull()
    expect((await asked(both))?.at.getUTCHours()).toBe(3)
  })

  test('is no set that leaves a way, and none where people are too few whatever it says', async () => {
    expect(
      await asked('forbid (principal in Team::"team-of-cas", action == Action::"breakGlass.request", resource);'),
    ).toBeNull()
    expect(await asked(`${closing} unless { context.ip.isInRange(ip("10.0.0.0/8")) };`)).toBeNull()
    expect(await asked(`${closing};`, threePeople.slice(0, 2))).toBeNull()
  })
})

describe('a set by itself, whatever was before it', () => {
  const asked = async (text: string, people = threePeople): Promise<ClosedWay | null> =>
    closedBy(await prepared(`${shipped}\n${text}`), await factsOf(people))

  test('that leaves a way at every hour is fine, and so is any where people are too few', async () => {
    expect(await asked('')).toBeNull()
    expect(await asked(policy('more', `${closing};`), threePeople.slice(0, 2))).toBeNull()
  })

  test('that leaves none is told: where, when first, and who are too few', async () => {
    expect(await asked(policy('more', `${closing} when { context.hour == 3 };`))).toMatchObject({
      at: new Date('2026-11-26T03:00:00Z'),
      problem: expect.stringContaining('could approve'),
    })
    const nobody = policy('more', 'forbid (principal, action == Action::"breakGlass.request", resource);')
    expect((await asked(nobody))?.problem).toBe('nobody could ask for it and begin it')
  })
})
