import { expect, test } from 'vitest'
import { unknownAction } from './known-actions.ts'

test.each(['lease.revoke', 'lease', 'lease.', 'policy.re', 'audit.checkpoint'])(
  '%s is known, or some begin so',
  (typed) => {
    expect(unknownAction(typed, 'entries')).toBeNull()
  },
)

test.each([
  ['lease.rvoke', 'lease.revoke'],
  ['leese', 'lease'],
  ['Lease.Revoke', 'lease.revoke'],
  ['ssh-certificate.sign', 'sshCertificate.sign'],
  ['xylophone', null],
  ['nope', null],
])('%s is none, and %s was meant', (typed, meant) => {
  expect(unknownAction(typed, 'entries')).toEqual({ meant })
})

test('what the platform does stands in decisions, and in no entry', () => {
  expect(unknownAction('deploy', 'decisions')).toBeNull()
  expect(unknownAction('deploy', 'entries')).not.toBeNull()
})
