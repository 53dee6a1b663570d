import { expect, test } from 'vitest'
import { kebab, wordsOf } from './words.ts'

test("an operation's parts become words in kebab case", () => {
  expect([wordsOf('sshCertificate.revoke'), wordsOf('session.revokeOthers'), kebab('ttlSeconds')]).toEqual([
    ['ssh-certificate', 'revoke'],
    ['session', 'revoke-others'],
    'ttl-seconds',
  ])
})
