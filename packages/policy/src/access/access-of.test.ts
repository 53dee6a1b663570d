import { fileURLToPath } from 'node:url'
import { operations, publicOperationNames, roles, type OperationName, type Role } from '@gatehouse/contract'
import { ref, uid, type Decider, type Principal, type Slice } from '@gatehouse/enforcement'
import { sampleOf } from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import { policy, prepared } from '../../test/policy-texts.ts'
import { loadPolicies } from '../offline.ts'
import { outcomeOf } from '../outcome.ts'
import { ownerships, type Situation } from '../situation.ts'
import { accessOf, type Access } from './access-of.ts'
import { createPace } from './pace.ts'
import { literalsOf } from './policy-literals.ts'

const path = fileURLToPath(new URL('../../../../policies', import.meta.url))
const shipped = await loadPolicies(path)
const noon = new Date('2026-11-25T12:00:00Z')
const night = new Date('2026-11-25T23:00:00Z')
const myTeam = 'team-of-the-caller'

const person = (role: Role, rest: Partial<Extract<Principal, { type: 'User' }>> = {}): Principal => ({
  type: 'User',
  id: 'the-caller',
  username: 'caller',
  displayName: 'Caller',
  roles: [role],
  teams: [{ id: myTeam, name: 'mine' }],
  hasAuthenticator: true,
  missing: [],
  tokenId: 'token',
  session: { id: 'session', assurance: 'mfa', provedAt: noon, authTime: noon, expiresAt: noon, methods: ['pwd'] },
  ...rest,
})

const workspace = (id: string, tier: string, teams: readonly string[]): Slice => ({
  resource: { type: 'Workspace', id },
  workspace: id,
  entities: [
    {
      uid: uid('Workspace', id),
      attrs: { tier, requiresMfa: false, requiresApproval: false, teams: teams.map((team) => ref('Team', team)) },
      parents: [],
    },
  ],
  versions: [],
})

const tiers = ['development', 'staging', 'production'] as const
const mine = tiers.map((tier) => workspace(tier, tier, [myTeam]))
const foreign = workspace('foreign', 'development', ['team-of-others'])

interface Asked {
  readonly principal: Principal
  readonly at?: Date
  readonly workspaces?: readonly Slice[]
  readonly policies?: { readonly decider: Decider; readonly texts: readonly { readonly text: string }[] }
}

async function accessIn({ principal, at = noon, workspaces = [...mine, foreign], policies }: Asked) {
  const { decider, texts } = policies ?? { decider: shipped.decider, texts: shipped.set.policies }
  const answers = await accessOf(
    { decider, literals: literalsOf(texts), pace: createPace(50), workspaces },
    { principal, address: '192.0.2.7', now: at },
  )
  const of = (name: OperationName) => answers.find(({ operation }) => operation === name)
  return {
    answers,
    to: (name: OperationName): Access | undefined => of(name)?.access,
    in: (name: OperationName, id: string): Access | undefined =>
      of(name)?.workspaces.find((one) => one.workspace === id)?.access ?? of(name)?.access,
  }
}

async function deciding(text: string) {
  const set = await prepared(text)
  return {
    texts: set.set.policies,
    decider: {
      decide: (request) => ({ ...set.evaluate(request), version: 'test' }),
      version: () => 'test',
    } satisfies Decider,
  }
}

describe('what the shipped policies decide is what is said', () => {
  // one role a day
  test.each(sampleOf(roles, roles.length))(
    '%s: nothing that is allowed is called denied, and nothing denied allowed',
    async (role) => {
      const access = await accessIn({ principal: person(role) })
      const wrong = publicOperationNames.flatMap((call) =>
        ownerships.flatMap((whose) =>
          tiers.flatMap((tier) => {
            const situation: Situation = {
              caller: role,
              call,
              whose,
              tier,
              assurance: 'su',
              ownOnly: false,
              enrolled: true,
              at: noon,
            }
            if (!operations[call].authorize.principals.includes('User') || !isOf(call, whose)) return []
            const { outcome } = outcomeOf(shipped.decider, situation)
            const id = whose === 'foreign' ? 'foreign' : tier
            const said = access.in(call, id)
            const bad = outcome === 'allow' ? said === 'denied' : said === 'allowed'
            return bad && !(whose === 'foreign' && tier !== 'development') ? [{ call, whose, tier, outcome, said }] : []
          }),
        ),
      )
      expect(wrong).toEqual([])
    },
  )

  /** Where the declaration names the caller, nothing of another's can be meant. */
  function isOf(call: OperationName, whose: string): boolean {
    const probe = new Proxy({}, { get: () => 'x' })
    const id = operations[call].authorize.id?.(probe as never, { principalId: 'me', sessionId: null })
    return whose === 'own' || id !== 'me'
  }

  test('a Viewer is told that nothing is theirs to change, and what they may look at', async () => {
    const { to } = await accessIn({ principal: person('Viewer') })
    expect([to('user.create'), to('sshHost.register'), to('audit.search'), to('policy.list')]).toEqual([
      'denied',
      'denied',
      'denied',
      'denied',
    ])
    expect([to('system.status'), to('password.change'), to('lease.list')]).toEqual(['allowed', 'allowed', 'depends'])
  })

  test('an Operator registers hosts in the workspaces of their teams, but not in production', async () => {
    const access = await accessIn({ principal: person('Operator') })
    expect(access.to('sshHost.register')).toBe('depends')
    // what only Admins may ask of a host depends on what is asked
    expect(tiers.map((tier) => access.in('sshHost.register', tier))).toEqual(['depends', 'depends', 'denied'])
  })

  test('the hour counts: at night production is closed', async () => {
    const [day, dark] = [
      await accessIn({ principal: person('Operator') }),
      await accessIn({ principal: person('Operator'), at: night }),
    ]
    expect(day.in('sshKey.generate', 'production')).toBe('allowed')
    expect(dark.in('sshKey.generate', 'production')).toBe('denied')
    expect(dark.in('sshKey.generate', 'development')).toBe('allowed')
  })

  test('a person with one factor is told what they may do once they prove the second', async () => {
    const session = { id: 's', assurance: 'pw', provedAt: null, authTime: noon, expiresAt: noon, methods: [] } as const
    const { to } = await accessIn({ principal: person('Admin', { session }) })
    expect(to('user.create')).toBe('allowed')
  })

  test('a workspace that the caller may not see is not named', async () => {
    const { answers } = await accessIn({ principal: person('Operator') })
    expect(answers.flatMap(({ workspaces }) => workspaces.map((one) => one.workspace))).not.toContain('foreign')
  })
})

describe('a token', () => {
  const token = { id: 't', expiresAt: noon, keyThumbprint: null }

  test('does at most what its scopes say, and nothing that a factor opens', async () => {
    const apiToken = { ...token, scopes: ['lease.list', 'user.create'] }
    const { answers } = await accessIn({ principal: person('Admin', { apiToken }) })
    const open = answers.filter(
      ({ operation, access }) =>
        access !== 'denied' && !operations[operation as OperationName].authorize.principals.includes('Anonymous'),
    )
    expect(open.map(({ operation }) => operation)).toEqual(['lease.list'])
  })

  test('of a program does what a bound token may only when it is bound', async () => {
    const service = (bound: boolean): Principal => ({
      type: 'Service',
      id: 'robot',
      name: 'robot',
      bound,
      teams: [{ id: myTeam, name: 'mine' }],
      apiToken: { ...token, scopes: ['sshCertificate.*'] },
    })
    const [bound, loose] = [await accessIn({ principal: service(true) }), await accessIn({ principal: service(false) })]
    expect(bound.in('sshCertificate.sign', 'development')).toBe('allowed')
    expect(loose.to('sshCertificate.sign')).toBe('denied')
  })
})

describe('an answer depends', () => {
  test('on a thing that a policy names', async () => {
    const policies = await deciding(
      policy('one', 'permit (principal, action == Action::"user.get", resource == User::"that-very-person");'),
    )
    const { to } = await accessIn({ principal: person('Viewer'), policies })
    expect([to('user.get'), to('user.list')]).toEqual(['depends', 'denied'])
  })

  test('on a workspace that a policy names, although it looks like all others', async () => {
    const named = 'permit (principal, action == Action::"sshHost.list", resource == Workspace::"staging");'
    const policies = await deciding(policy('one', named))
    const { to } = await accessIn({ principal: person('Viewer'), policies })
    expect(to('sshHost.list')).toBe('depends')
  })

  test('on what is asked for, at the very number that a policy names', async () => {
    const limit =
      'permit (principal, action == Action::"sshCertificate.sign", resource) when { context.ttlSeconds < 901 };'
    const policies = await deciding(policy('short', limit))
    const { to } = await accessIn({ principal: person('Viewer'), policies })
    expect(to('sshCertificate.sign')).toBe('depends')
  })
})

describe('the cost', () => {
  test('a thousand workspaces of one kind cost as much as one, and each is answered for', async () => {
    let decisions = 0
    const decider: Decider = {
      version: shipped.decider.version,
      decide: (request) => {
        decisions += 1
        return shipped.decider.decide(request)
      },
    }
    const policies = { decider, texts: shipped.set.policies }
    const many = Array.from({ length: 1001 }, (_, n) => workspace(`w-${n}`, 'development', [myTeam]))
    const { in: within } = await accessIn({ principal: person('Operator'), workspaces: many, policies })
    const ofMany = decisions
    decisions = 0
    await accessIn({ principal: person('Operator'), workspaces: many.slice(0, 1), policies })
    expect(ofMany).toBe(decisions)
    expect(within('sshHost.check', 'w-1000')).toBe('allowed')
  })

  test('never two hundred decisions are made in one turn of the event loop, however many ask at once', async () => {
    let inThisTurn = 0
    let most = 0
    const count = (): void => {
      inThisTurn += 1
      most = Math.max(most, inThisTurn)
      if (inThisTurn === 1) setImmediate(() => (inThisTurn = 0))
    }
    const decider: Decider = {
      version: shipped.decider.version,
      decide: (request) => {
        count()
        return shipped.decider.decide(request)
      },
    }
    const pace = createPace(50)
    const literals = literalsOf(shipped.set.policies)
    await Promise.all(
      roles.map((role) =>
        accessOf(
          { decider, literals, pace, workspaces: [...mine, foreign] },
          { principal: person(role), address: '192.0.2.7', now: noon },
        ),
      ),
    )
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(200)
  })
})
