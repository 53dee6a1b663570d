import { randomBytes, randomUUID } from 'node:crypto'
import { secret } from '@gatehouse/contract'
import { cosmianKek } from '@gatehouse/keys/cosmian'
import { cosmianFacts, makeCosmianKey } from '@gatehouse/testkit'
import { kekConformance } from '@gatehouse/testkit/kek-conformance'
import { expect, test } from 'vitest'

const facts = cosmianFacts()
const stranger = randomBytes(32).toString('base64')

test('a Cosmian KMS is there to be asked', ({ skip }) => {
  if (facts === null) skip('Cosmian KMS: not run, for GATEHOUSE_TEST_COSMIAN_URL names no server')
})

if (facts !== null) {
  const at = { address: facts.address, token: secret(facts.token ?? stranger) }
  kekConformance('a Cosmian KMS', async () => ({
    right: cosmianKek({ ...at, key: await makeCosmianKey(facts, 'active') }),
    other: cosmianKek({ ...at, key: await makeCosmianKey(facts, 'active') }),
    missing: cosmianKek({ ...at, key: randomUUID() }),
    denied:
      facts.token === null
        ? null
        : cosmianKek({ ...at, key: await makeCosmianKey(facts, 'active'), token: secret(stranger) }),
    unusable: cosmianKek({ ...at, key: await makeCosmianKey(facts, 'pre-active') }),
    away: cosmianKek({ ...at, key: randomUUID(), address: 'http://127.0.0.1:1' }),
    secrets: [facts.token ?? stranger, stranger],
  }))
}

test.for(['["tag"]', 'name@latest', '', '*'])('`%s` names no key of a Cosmian KMS that stays what it is', (key) => {
  expect(() => cosmianKek({ address: 'http://127.0.0.1:1', key, token: secret('t') })).toThrow(TypeError)
})
