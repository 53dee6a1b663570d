// A trap is for good: whatever is asked of that WebAssembly instance afterwards traps too. Nobody is let through by it,
// and deciding goes on without a restart.
import { isAuthorized, type AuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { handClock, heardAlerts, operatorSigns, policy, prepared } from '../test/policy-texts.ts'
import { askCedar, engineInUse, quietMilliseconds } from './cedar-engine.ts'
import { createDecider } from './decider.ts'
import { requestIn } from './situation.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** Expressions within one another, past every check of ours: the engine's recursion runs out of its memory. */
const deep = `permit (principal, action, resource)
  when { ${'if true then '.repeat(400)} true ${' else false'.repeat(400)} };`
const breaking: AuthorizationCall = {
  principal: { type: 'User', id: 'u' },
  action: { type: 'Action', id: 'a' },
  resource: { type: 'Thing', id: 't' },
  context: {},
  entities: [],
  policies: { staticPolicies: { deep } },
}

test('an engine that trapped denies what it is asked, and is replaced: the next is decided as before', async () => {
  const [alerts, clock] = [heardAlerts(), handClock()]
  const set = await prepared(policy('permit-all', 'permit (principal, action, resource);'))
  const decider = createDecider({ current: () => set, alerts, clock })
  const ask = (call: 'sshCertificate.sign' | 'sshHost.get' | 'sshKey.get' | 'lease.get') =>
    decider.decide(requestIn({ ...operatorSigns, call })).effect
  expect(ask('sshCertificate.sign')).toBe('allow')

  const first = engineInUse()
  // the same instance, behind the back of who watches over it
  expect(() => isAuthorized(breaking)).toThrow('memory access out of bounds')
  expect(ask('sshHost.get')).toBe('deny')
  expect(alerts.told).toMatchObject([
    { kind: 'policy-error', detail: { errors: [expect.stringMatching(/^the engine failed: /)] } },
  ])
  expect(engineInUse()).not.toBe(first)
  expect(ask('sshHost.get')).toBe('allow')

  // one that breaks again at once stays broken for a moment: what breaks engines must not take all the time there is
  const second = engineInUse()
  expect(() => askCedar((cedar) => cedar.isAuthorized(breaking))).toThrow('memory access out of bounds')
  expect([engineInUse(), ask('sshKey.get')]).toEqual([second, 'deny'])
  vi.advanceTimersByTime(quietMilliseconds)
  expect(ask('sshKey.get')).toBe('deny')
  expect(ask('sshKey.get')).toBe('allow')
  expect(ask('lease.get')).toBe('allow')
})
