import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { sshKeyFacts } from './ssh-key-facts.ts'

const string = (bytes: Buffer | string): Buffer => {
  const body = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
const line = (type: string, ...fields: readonly (Buffer | string)[]): string =>
  `${type} ${Buffer.concat([type, ...fields].map(string)).toString('base64')} somebody@laptop`

test.each([
  ['ssh-ed25519', 256, false],
  ['ecdsa-sha2-nistp256', 256, false],
  ['ecdsa-sha2-nistp384', 384, false],
  ['ecdsa-sha2-nistp521', 521, false],
  ['sk-ssh-ed25519@openssh.com', 256, true],
  ['sk-ecdsa-sha2-nistp256@openssh.com', 256, true],
])('%s has %i bits', (type, bits, security) => {
  expect(sshKeyFacts(line(type, 'a', 'b'))).toEqual({ type, bits, security })
})

test.each([2048, 3072])('an rsa key of %i bits is told by its modulus', (modulusLength) => {
  const { n = '' } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' })
  const modulus = Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')])
  expect(sshKeyFacts(line('ssh-rsa', Buffer.from([1, 0, 1]), modulus))).toEqual({
    type: 'ssh-rsa',
    bits: modulusLength,
    security: false,
  })
})

test('the key says what it is, and not the word before it', () => {
  const [, base64] = line('ssh-rsa', Buffer.from([3]), Buffer.alloc(128, 255)).split(' ')
  expect(sshKeyFacts(`ssh-ed25519 ${base64}`)).toMatchObject({ type: 'ssh-rsa', bits: 1024 })
})

test.each(['', 'ssh-ed25519', 'ssh-ed25519 !', 'ssh-ed25519 AAAA', 'ssh-ed25519 /////w==', 'ssh-dss AAAAB3NzaC1kc3M='])(
  '%j is no key that is known',
  (text) => {
    expect(sshKeyFacts(text)).toEqual({ type: '', bits: 0, security: false })
  },
)
