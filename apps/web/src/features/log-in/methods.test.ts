import { expect, it } from 'vitest'
import { orderedMethods } from './methods.ts'

it('offers the strongest way first to whom nothing is known of', () => {
  expect(orderedMethods(['backupCode', 'totp', 'webauthn'], null)).toEqual(['webauthn', 'totp', 'backupCode'])
})

it('offers first what was used last on this device', () => {
  expect(orderedMethods(['totp', 'webauthn', 'backupCode'], 'totp')).toEqual(['totp', 'webauthn', 'backupCode'])
})

it('offers nothing that the challenge does not take, whatever is remembered', () => {
  expect(orderedMethods(['totp'], 'webauthn')).toEqual(['totp'])
})
