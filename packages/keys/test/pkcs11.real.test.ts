import { secret } from '@gatehouse/contract'
import { createSoftHsm, type SoftHsm, type SoftToken } from '@gatehouse/testkit'
import { kekConformance } from '@gatehouse/testkit/kek-conformance'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pkcs11Kek } from '../src/adapters/pkcs11.ts'

let hsm: SoftHsm
let token: SoftToken
let locked: SoftToken
let careful: SoftToken
beforeAll(async () => {
  hsm = await createSoftHsm()
  process.env['SOFTHSM2_CONF'] = hsm.configuration // the module reads it when it is loaded
  token = await hsm.createToken()
  // tokens of their own: who is logged in to one is so for the whole process
  ;[locked, careful] = [await hsm.createToken(), await hsm.createToken()]
  for (const other of [locked, careful]) await other.makeKey('right', 'AES:32')
  for (const label of ['right', 'other']) await token.makeKey(label, 'AES:32')
  await token.makeKey('generic', 'GENERIC:32')
})
afterAll(() => hsm.remove())

const kekAt = (key: string, { token: label, pin, module }: Pick<SoftToken, 'token' | 'pin' | 'module'> = token) =>
  pkcs11Kek({ module, token: label, key, pin: secret(pin) })

kekConformance('PKCS#11, by SoftHSM', () =>
  Promise.resolve({
    right: kekAt('right'),
    other: kekAt('other'),
    missing: kekAt('nobody-made-this'),
    denied: kekAt('right', { ...locked, pin: 'canary-of-a-wrong-pin' }),
    unusable: kekAt('generic'),
    away: kekAt('right', { ...token, token: 'not-plugged-in' }),
    secrets: [token.pin, locked.pin, 'canary-of-a-wrong-pin'],
  }),
)

test('a wrong PIN is tried once: a token locks itself after a few', async () => {
  const wrong = kekAt('right', { ...careful, pin: 'wrong-pin' })
  await expect(wrong.probe()).rejects.toMatchObject({ code: 'denied' })
  // from here on the process is logged in, and a token says so to whatever PIN it is asked with
  await kekAt('right', careful).probe()
  await expect(wrong.probe()).rejects.toMatchObject({ code: 'denied' })
})

test('two keys of one label are none: nobody knows which it is', async () => {
  await token.makeKey('twice', 'AES:32')
  await kekAt('twice').probe()
  await token.makeKey('twice', 'AES:32')
  await expect(kekAt('twice').probe()).rejects.toMatchObject({ code: 'key-unusable' })
})

test('a module that is not there does not answer', async () => {
  const missing = kekAt('right', { ...token, module: '/usr/lib/no-such-module.so' })
  await expect(missing.probe()).rejects.toMatchObject({ code: 'unreachable' })
})
