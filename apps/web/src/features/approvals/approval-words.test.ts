import { describe, expect, it } from 'vitest'
import { askWords, effectWords, whyNotCancel, whyNotDecide } from './approval-words.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const approval = {
  action: 'mfa.reset',
  resource: 'u1',
  resourceName: 'ada',
  resourceType: 'User',
  parameters: [] as string[],
  requester: 'u2',
  requesterName: 'grace',
  state: 'pending',
  expiresAt: '2026-11-23T13:00:00Z',
} as const
const other = 'u3'

describe('an approval', () => {
  it('says what is asked for and what an approval does', () => {
    expect(askWords(approval)).toBe('reset the second factors of ada')
    expect(effectWords(approval)).toContain('Anyone who has the password of ada')
    const deploy = { action: 'deploy', resourceName: 'Cluster web in shop, version=1.4.2, region=eu' }
    expect(askWords(deploy)).toBe('deploy Cluster web in shop, version=1.4.2, region=eu')
    expect(effectWords(deploy)).toContain('Other parameters need another approval')
  })

  it('says in words which rule of emergency access is to hold', () => {
    const rule = {
      action: 'breakGlass.ruleSet',
      resourceName: '{"rule":{"people":3,"roles":["Admin"]},"totpAdmitted":false}',
    } as const
    expect(askWords(rule)).toBe(
      'set the approval rule of emergency access to 3 people with the role Admin, by key only',
    )
    expect(effectWords(rule)).toContain('Open requests are counted by the new rule at once')
    expect(askWords({ ...rule, resourceName: 'no rule' })).toContain('no rule')
  })

  it('says in words which versions of a key are closed, and how much is lost', () => {
    const closing = {
      action: 'kmsKey.update',
      resourceName:
        'KmsKey shop-config: versions before 3, with up to 12 ciphertexts; key 01980000-0000-7000-8000-000000000001',
    } as const
    expect(askWords(closing)).toBe(
      'close older versions of a key that are still needed: shop-config: versions before 3, with up to 12 ciphertexts',
    )
    expect(effectWords(closing)).toContain('no longer decrypts')
  })

  it.each([
    ['somebody else', other, approval, null],
    ['who asked', 'u2', approval, /second person/],
    ['whom it is about', 'u1', approval, /your own account/],
    ['anybody, once decided', other, { ...approval, state: 'denied' } as const, /already denied/],
    ['anybody, once over', other, { ...approval, expiresAt: '2026-11-23T11:00:00Z' }, /has expired/],
  ])('is judged by %s only where that is right', (_who, me, one, why) => {
    const reason = whyNotDecide(one, me, now)
    if (why === null) expect(reason).toBeNull()
    else expect(reason).toMatch(why)
  })

  it('is taken back by who asked, while it counts', () => {
    expect(whyNotCancel(approval, 'u2')).toBeNull()
    expect(whyNotCancel({ ...approval, state: 'approved' }, 'u2')).toBeNull()
    expect(whyNotCancel(approval, 'u3')).toMatch(/Only grace/)
    expect(whyNotCancel({ ...approval, state: 'used' }, 'u2')).toMatch(/already used/)
  })
})
