import { expect, it } from 'vitest'
import { kindWords, makeWords } from './authenticator-words.ts'

const facts = {
  passkey: true,
  backupEligible: false,
  backedUp: false,
  userVerified: true,
  aaguid: '00000000-0000-0000-0000-000000000000',
  model: null,
}

it('calls each authenticator what people call it', () => {
  expect(kindWords({ kind: 'totp', webauthn: null })).toBe('authenticator app')
  expect(kindWords({ kind: 'webauthn', webauthn: facts })).toBe('passkey')
  expect(kindWords({ kind: 'webauthn', webauthn: { ...facts, passkey: false } })).toBe('security key')
})

it('says whether a copy of a passkey lies elsewhere', () => {
  expect(
    makeWords({
      kind: 'webauthn',
      webauthn: { ...facts, backupEligible: true, backedUp: true, model: 'iCloud Keychain' },
    }),
  ).toBe('iCloud Keychain · synced to your other devices')
  expect(makeWords({ kind: 'webauthn', webauthn: { ...facts, backupEligible: true } })).toBe('may be synced')
  expect(makeWords({ kind: 'webauthn', webauthn: facts })).toBe('on one device only')
  expect(makeWords({ kind: 'totp', webauthn: null })).toBe('')
})
