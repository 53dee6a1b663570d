import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { concatBytes, encodeString } from './binary.ts'
import { generateEd25519, signEd25519 } from './ed25519.ts'
import { parseHostKeyLine, parseHostKeyLines } from './host-key-line.ts'
import { formatPrivateKey, parsePrivateKey } from './private-key.ts'
import {
  ed25519PublicKey,
  ed25519RawBytes,
  fingerprint,
  formatPublicKey,
  isSecurityKey,
  parsePublicKeyLine,
  parseUserPublicKey,
  publicKeyOf,
  toKeyObject,
} from './public-key.ts'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'

const run = promisify(execFile)
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gh-keys-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const stockKey = async (...options: readonly string[]): Promise<{ path: string; line: string }> => {
  const path = join(directory, options.join('') || 'key')
  await rm(path, { force: true }) // ssh-keygen would ask
  await run('ssh-keygen', ['-q', '-N', '', '-C', 'a comment', '-f', path, ...options])
  return { path, line: await readFile(`${path}.pub`, 'utf8') }
}

const skLine = (type: string, fields: readonly (Uint8Array | string)[]): string =>
  `${type} ${Buffer.from(concatBytes(...[type, ...fields].map(encodeString))).toString('base64')} key@ring`

/** As ssh-keygen writes it for an authenticator, of which the public half is enough here. */
const securityKeyLine = async (
  type: 'sk-ssh-ed25519@openssh.com' | 'sk-ecdsa-sha2-nistp256@openssh.com',
): Promise<string> => {
  if (type === 'sk-ssh-ed25519@openssh.com')
    return skLine(type, [ed25519RawBytes((await generateEd25519()).publicKey), 'ssh:'])
  const { blob } = parsePublicKeyLine((await stockKey('-t', 'ecdsa', '-b', '256')).line)
  return skLine(type, ['nistp256', blob.subarray(-65), 'ssh:'])
}

describe('public keys', () => {
  test.each([
    ['-t', 'ed25519'],
    ['-t', 'rsa', '-b', '2048'],
    ['-t', 'ecdsa', '-b', '256'],
    ['-t', 'ecdsa', '-b', '384'],
    ['-t', 'ecdsa', '-b', '521'],
  ])('a key of ssh-keygen %s %s %s %s reads back as the same line with the same fingerprint', async (...options) => {
    const { path, line } = await stockKey(...options)
    const key = parsePublicKeyLine(line)
    expect(`${formatPublicKey(key)}\n`).toBe(line)
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${path}.pub`])
    expect(stdout.split(' ')[1]).toBe(fingerprint(key))
  })

  test.each([
    ['ssh-rsa', '-t', 'rsa', '-b', '3072'],
    ['ecdsa-sha2-nistp256', '-t', 'ecdsa', '-b', '256'],
    ['ecdsa-sha2-nistp384', '-t', 'ecdsa', '-b', '384'],
    ['ecdsa-sha2-nistp521', '-t', 'ecdsa', '-b', '521'],
  ])("a person's key may be %s", async (type, ...options) => {
    expect(parseUserPublicKey((await stockKey(...options)).line).type).toBe(type)
  })

  test("a person's rsa key has 3072 bits, and is no even number", async () => {
    const { line } = await stockKey('-t', 'rsa', '-b', '2048')
    expect(() => parseUserPublicKey(line)).toThrow('an rsa key of 2048 bits for people: 3072 at least')
    const { blob } = parsePublicKeyLine((await stockKey('-t', 'rsa', '-b', '3072')).line)
    const even = Uint8Array.from(blob)
    even[even.length - 1] = (even.at(-1) ?? 0) & 0xfe
    expect(() => parseUserPublicKey(`ssh-rsa ${Buffer.from(even).toString('base64')}`)).toThrow('divided by two')
  })

  test("a person's ecdsa key is a point of its curve", async () => {
    const { blob } = parsePublicKeyLine((await stockKey('-t', 'ecdsa', '-b', '256')).line)
    const beside = Uint8Array.from(blob)
    beside[beside.length - 1] = (beside.at(-1) ?? 0) ^ 1
    expect(() => parseUserPublicKey(`ecdsa-sha2-nistp256 ${Buffer.from(beside).toString('base64')}`)).toThrow(
      'no point of its curve',
    )
  })

  test.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const)(
    'a key of an authenticator, %s, is of a person and of no host, and reads as ssh-keygen reads it',
    async (type) => {
      const line = await securityKeyLine(type)
      const key = parseUserPublicKey(line)
      expect([key.type, isSecurityKey(key), formatPublicKey(key)]).toEqual([type, true, line])
      const path = join(directory, `${type}.pub`)
      await writeFile(path, `${line}\n`)
      const { stdout } = await run('ssh-keygen', ['-l', '-f', path])
      expect(stdout.split(' ')[1]).toBe(fingerprint(key))
      expect(() => parseHostKeyLine(line)).toThrow('a key of an authenticator')
    },
  )

  test('a key of an authenticator under which anybody can sign, or that names no application, is refused', () => {
    const weak = skLine('sk-ssh-ed25519@openssh.com', [Buffer.alloc(32), 'ssh:'])
    expect(() => parseUserPublicKey(weak)).toThrow('make another key')
    const nowhere = skLine('sk-ssh-ed25519@openssh.com', [Buffer.alloc(32, 9), ''])
    expect(() => parsePublicKeyLine(nowhere)).toThrow('names no application')
  })

  test('an rsa key of 1024 bits is refused', async () => {
    const { line } = await stockKey('-t', 'rsa', '-b', '1024')
    expect(() => parsePublicKeyLine(line)).toThrow(/1024 bits/)
  })

  test('lines that could be read in two ways are refused', async () => {
    const line = formatPublicKey((await generateEd25519('me')).publicKey)
    const [type = '', base64 = ''] = line.split(' ')
    const refusals = [
      '',
      type,
      `${base64} ${type}`,
      `command="x" ${line}`,
      `${line}\n${line}`,
      `${type} ${base64.slice(0, -4)}`,
      `${type} ${base64}AAAA`,
      `${type} ${base64}!`,
      `${type} ${base64}=`,
      `ssh-rsa ${base64}`,
      `${line}\u0007`,
      `${type} ${base64} ${'c'.repeat(300)}`,
      `ssh-dss ${base64}`,
      `${type}-cert-v01@openssh.com ${base64}`,
    ]
    for (const refusal of refusals)
      expect(() => parsePublicKeyLine(refusal), refusal).toThrow(expect.objectContaining({ name: 'SshWireError' }))
  })

  test('a key goes to node:crypto and back', async () => {
    const { privateKey, publicKey } = await generateEd25519()
    const data = Buffer.from('data')
    expect(verify(null, data, toKeyObject(publicKey), signEd25519(privateKey, data))).toBe(true)
    expect(publicKeyOf(privateKey)).toEqual(publicKey)
    expect(publicKeyOf(createPublicKey(privateKey)).blob).toEqual(publicKey.blob)
  })
})

describe('host key lines', () => {
  test('a known_hosts line, a keyscan line and a .pub line give the same key', async () => {
    const { publicKey } = await generateEd25519()
    const line = formatPublicKey(publicKey)
    expect(parseHostKeyLine(line)).toEqual({ hosts: [], key: publicKey })
    expect(parseHostKeyLine(`web1,[10.0.0.1]:2222 ${line} root@web1`)).toMatchObject({
      hosts: ['web1', '[10.0.0.1]:2222'],
      key: { blob: publicKey.blob },
    })
    expect(parseHostKeyLine(`|1|c2FsdA==|aGFzaA== ${line}`).key.blob).toEqual(publicKey.blob)
  })

  test('markers pin nothing and are refused', async () => {
    const line = formatPublicKey((await generateEd25519()).publicKey)
    expect(() => parseHostKeyLine(`@cert-authority *.example ${line}`)).toThrow(/marker/)
    expect(() => parseHostKeyLine(`@revoked web1 ${line}`)).toThrow(/marker/)
  })

  test('of many lines, comments and key types that we do not read are skipped, a damaged key is not', async () => {
    const line = formatPublicKey((await generateEd25519()).publicKey)
    expect(parseHostKeyLines(`# web1:22 SSH-2.0\nweb1 ${line}\n\nweb1 sk-ssh-ed25519@openssh.com AAAA\n`)).toHaveLength(
      1,
    )
    expect(() => parseHostKeyLines(`web1 ssh-ed25519 AAAA`)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

describe('private keys', () => {
  test('ssh-keygen reads our private key and finds its public key', async () => {
    const { privateKey, publicKey } = await generateEd25519('id 7')
    const path = join(directory, 'ours')
    await writeFile(path, formatPrivateKey(privateKey, 'id 7'), { mode: 0o600 })
    const { stdout } = await run('ssh-keygen', ['-y', '-f', path])
    expect(stdout.trim()).toBe(formatPublicKey(publicKey))
  })

  test('a private key of ssh-keygen signs for its public key', async () => {
    const { path, line } = await stockKey('-t', 'ed25519', '-q')
    const { privateKey, comment } = parsePrivateKey(await readFile(path, 'utf8'))
    expect(comment).toBe('a comment')
    expect(publicKeyOf(privateKey).blob).toEqual(parsePublicKeyLine(line).blob)
  })

  test('a key with a passphrase, one of another type, a damaged one and plain text are refused', async () => {
    const secret = join(directory, 'secret')
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'passphrase', '-f', secret])
    const { path: ecdsa } = await stockKey('-t', 'ecdsa', '-q')
    const damaged = formatPrivateKey((await generateEd25519()).privateKey).replace(/.(.)\n-----END/, 'x$1\n-----END')
    expect(() => parsePrivateKey(damaged)).toThrow(expect.objectContaining({ name: 'SshWireError' }))
    expect(() => parsePrivateKey('hello')).toThrow(expect.objectContaining({ code: 'malformed' }))
    for (const path of [secret, ecdsa]) {
      const text = await readFile(path, 'utf8')
      expect(() => parsePrivateKey(text)).toThrow(expect.objectContaining({ code: 'unsupported' }))
    }
  })
})

// What may be signed for whom must be somebody's: under a point of small order everybody can sign (threat A8).
test.each([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
])('the ed25519 point %s is no key of a person', (hex) => {
  const line = formatPublicKey(ed25519PublicKey(Buffer.from(hex, 'hex')))
  expect(() => parseUserPublicKey(line)).toThrow('make another key')
})

// Half of all 32-byte texts are no point: Node makes a key of each, and OpenSSH takes the line.
test.each([
  '0200000000000000000000000000000000000000000000000000000000000000',
  '0700000000000000000000000000000000000000000000000000000000000000',
  'ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])('the bytes %s are no point of the curve, and no key of a person', (hex) => {
  const line = formatPublicKey(ed25519PublicKey(Buffer.from(hex, 'hex')))
  expect(() => parseUserPublicKey(line)).toThrow('no point of the curve')
})

test('every key that was made is one', () => {
  for (let at = 0; at < 50; at += 1) {
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    const line = formatPublicKey(ed25519PublicKey(Buffer.from(x, 'base64url')))
    expect(parseUserPublicKey(line).type).toBe('ssh-ed25519')
  }
})
