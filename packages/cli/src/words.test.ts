import { expect, test } from 'vitest'
import { kebab, nearest, wordsOf } from './words.ts'

test("an operation's parts become words in kebab case", () => {
  expect([wordsOf('sshCertificate.revoke'), wordsOf('session.revokeOthers'), kebab('ttlSeconds')]).toEqual([
    ['ssh-certificate', 'revoke'],
    ['session', 'revoke-others'],
    'ttl-seconds',
  ])
})

test('the nearest word is offered, and none where none is near', () => {
  expect([
    nearest('revke', ['revoke', 'renew']),
    nearest('lst', ['list', 'get']),
    nearest('xylophone', ['list', 'get']),
    nearest('', []),
  ]).toEqual(['revoke', 'list', null, null])
})
