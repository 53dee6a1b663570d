import { expect, test } from 'vitest'
import { operations } from '../registry.ts'

// What is recorded stands in the audit log for good, also of a call that was refused for what it says.
test.each([
  'https://user:canary@vault.example.org:8200',
  'https://vault.example.org?token=canary',
  'https://vault.example.org/v1/canary',
  'https://vault.example.org\\canary',
  'hvs.canary',
])('an address with what has to be kept secret in it is no input, or is never recorded: %s', (address) => {
  const authority = { name: 'vault', role: 'gatehouse', token: 'a token' }
  const { input } = operations['sshAuthority.configure']
  expect(input.safeParse({ ...authority, address: 'https://vault.example.org:8200' }).success).toBe(true)
  expect(input.safeParse({ ...authority, address }).error?.issues).toMatchObject([{ path: ['address'] }])
  expect(operations['auditSink.create'].audit.omit).toContain('url')
})
