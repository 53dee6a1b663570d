import fc from 'fast-check'
import { canonicalHostAddress, isSshAccount } from '@gatehouse/kit'
import { beforeAll, describe, expect, test } from 'vitest'
import { concatBytes, encodeString } from './binary.ts'
import { encodeCertificateBody, parseCertificate, parseCertificateBlob } from './certificate.ts'
import { boundSshPrincipal, certificateKeyId, KEY_ID_CHARS_MAX } from './certificate-names.ts'
import { certificateProblems, type CertificateQuestion } from './check-certificate.ts'
import { encodeSignature, generateEd25519, signEd25519, type Ed25519KeyPair } from './ed25519.ts'
import { buildRevocationList, parseRevocationList } from './krl.ts'
import {
  ANY_SOURCE_ADDRESS,
  authorityOf,
  randomSerial,
  signHostCertificate,
  signUserCertificate,
  type CertificateAuthority,
  type UserCertificateRequest,
} from './sign-certificate.ts'

const now = new Date('2026-03-01T12:00:00.900Z')
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const noneRevoked = parseRevocationList(
  buildRevocationList({ version: 1n, generatedAt: now, comment: '', certificates: [], keys: [] }),
)

let ca: Ed25519KeyPair
let user: Ed25519KeyPair
let authority: CertificateAuthority

beforeAll(async () => {
  ca = await generateEd25519('ca')
  user = await generateEd25519('user')
  authority = { publicKey: ca.publicKey, sign: (data) => signEd25519(ca.privateKey, data) }
})

const request = (changes: Partial<UserCertificateRequest> = {}): UserCertificateRequest => ({
  key: user.publicKey,
  serial: 7n,
  keyId: 'lease=1',
  sshPrincipals: ['deploy'],
  sourceAddresses: ['10.0.0.0/8'],
  extensions: ['permit-pty'],
  now,
  validBefore: later(600),
  ...changes,
})

const question = async (changes: Partial<CertificateQuestion> = {}): Promise<CertificateQuestion> => ({
  certificate: await signUserCertificate(request(), authority),
  kind: 'user',
  trustedCaKeys: [ca.publicKey],
  sshPrincipal: 'deploy',
  sourceAddress: '10.1.2.3',
  now,
  revoked: noneRevoked,
  ...changes,
})

describe('signing', () => {
  test('a certificate reads back as it was asked for, back-dated and with whole seconds', async () => {
    const signed = await signUserCertificate(
      request({ forceCommand: 'internal-sftp', extensions: ['permit-user-rc', 'permit-X11-forwarding', 'permit-pty'] }),
      authority,
    )
    const certificate = parseCertificate(signed.line)
    expect(certificate).toMatchObject({
      kind: 'user',
      serial: 7n,
      keyId: 'lease=1',
      sshPrincipals: ['deploy'],
      validAfterSeconds: 1772366340n,
      validBeforeSeconds: 1772367000n,
    })
    expect([...certificate.criticalOptions]).toEqual([
      ['force-command', 'internal-sftp'],
      ['source-address', '10.0.0.0/8'],
    ])
    expect([...certificate.extensions.keys()]).toEqual(['permit-X11-forwarding', 'permit-pty', 'permit-user-rc'])
    expect(certificate.key).toEqual(user.publicKey)
  })

  /** CVE-2024-7594: a certificate without principals opened every account. */
  test('a certificate without principals is never issued', async () => {
    await expect(signUserCertificate(request({ sshPrincipals: [] }), authority)).rejects.toMatchObject({
      code: 'refused',
    })
    await expect(signHostCertificate(request({ sshPrincipals: [] }), authority)).rejects.toMatchObject({
      code: 'refused',
    })
  })

  const readAsTwo = ['a,root', '*', 'ro?t', 'a b', 'a\nroot', 'a\0', '', '!root', 'ä', 'a\u202eb', 'a'.repeat(129)]
  const readAsElse = ['-oX', '../root', 'a/b', 'root@', 'root@SHA256:x', '@SHA256:x', '.root', 'a:b', 'a%h']
  /** GHSA-59w7: a name that reads as two names, or as all; or an option, a path, another host's account. */
  test.each([...readAsTwo, ...readAsElse])(
    'the name %j is never a principal, and no layer takes it for an account or a host',
    async (name) => {
      await expect(signUserCertificate(request({ sshPrincipals: ['deploy', name] }), authority)).rejects.toMatchObject({
        code: 'refused',
      })
      await expect(signHostCertificate(request({ sshPrincipals: ['db-1', name] }), authority)).rejects.toMatchObject({
        code: 'refused',
      })
      expect([isSshAccount(name), canonicalHostAddress(name)]).toEqual([false, null])
      expect(() => boundSshPrincipal(name, user.publicKey)).toThrow('the account must be')
    },
  )

  test.each(['deploy', 'first.last', 'Administrator', '_svc'])(
    'the account %s is one, bare and bound',
    async (name) => {
      const sshPrincipals = [name, boundSshPrincipal(name, user.publicKey)]
      expect((await signUserCertificate(request({ sshPrincipals }), authority)).sshPrincipals).toEqual(sshPrincipals)
    },
  )

  test.each(['db-1', 'db-1.example.org', '192.0.2.7', '2001:db8::7'])(
    'the host %s is one, as it is spelt',
    async (name) => {
      const signed = await signHostCertificate(request({ sshPrincipals: [name] }), authority)
      expect(signed.sshPrincipals).toEqual([name])
      const other = request({ sshPrincipals: [`${name}.`.toUpperCase()] })
      await expect(signHostCertificate(other, authority)).rejects.toMatchObject({ code: 'refused' })
    },
  )

  test('serial zero, the past, too long a life, an empty list of addresses and a long key id are refused', async () => {
    const refusals = [
      { serial: 0n },
      { serial: -1n },
      { validBefore: now },
      { validBefore: later(86_402) },
      { validBefore: new Date(Number.NaN) },
      { sourceAddresses: [] },
      { keyId: '' },
      { keyId: 'a\nb' },
      { keyId: 'k'.repeat(256) },
      { forceCommand: 'a\nb' },
      { forceCommand: '' },
    ]
    for (const changes of refusals)
      await expect(signUserCertificate(request(changes), authority), Object.keys(changes).join()).rejects.toMatchObject(
        { code: 'refused' },
      )
  })

  test('a signer with another key than its public key says is found before the certificate leaves', async () => {
    const impostor = { publicKey: ca.publicKey, sign: (data: Uint8Array) => signEd25519(user.privateKey, data) }
    await expect(signUserCertificate(request(), impostor)).rejects.toThrow(/signature is wrong/)
  })

  test('what a key of this process signs verifies under the public key that is derived from it', async () => {
    const own = authorityOf(ca.privateKey)
    const { line } = await signUserCertificate(request(), own)
    expect(parseCertificate(line).caKey.blob).toEqual(ca.publicKey.blob)
    const copied = { publicKey: user.publicKey, sign: own.sign }
    await expect(signUserCertificate(request(), copied)).rejects.toThrow(/signature is wrong/)
  })

  test('two certificates of one request differ by nonce; serials are random and fit a bigint column', async () => {
    const [first, second] = [
      await signUserCertificate(request(), authority),
      await signUserCertificate(request(), authority),
    ]
    expect(first.nonce).toHaveLength(32)
    expect(first.nonce).not.toEqual(second.nonce)
    const serials = Array.from({ length: 500 }, randomSerial)
    expect(new Set(serials).size).toBe(500)
    expect(serials.every((serial) => serial > 0n && serial < 2n ** 63n)).toBe(true)
  })
})

describe('reading', () => {
  test('no changed byte survives the signature', async () => {
    const { blob } = await signUserCertificate(request(), authority)
    for (let index = 0; index < blob.length; index += 1) {
      const changed = Buffer.from(blob)
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
      expect(() => parseCertificateBlob(changed), `byte ${index}`).toThrow(
        expect.objectContaining({ name: 'SshWireError' }),
      )
    }
  })

  test('a blob that is cut anywhere, or has bytes left over, is malformed', async () => {
    const { blob } = await signUserCertificate(request(), authority)
    for (let length = 0; length < blob.length; length += 1)
      expect(() => parseCertificateBlob(blob.subarray(0, length))).toThrow(
        expect.objectContaining({ name: 'SshWireError' }),
      )
    expect(() => parseCertificateBlob(concatBytes(blob, Uint8Array.of(0)))).toThrow(/left over/)
  })

  /** CVE-2025-49825: a certificate that passes for a CA. */
  test('a certificate as ca key is refused', async () => {
    const middle = await signUserCertificate(request(), authority)
    const body = { ...middle, caKey: { ...user.publicKey, blob: middle.blob } }
    const nested = concatBytes(
      encodeCertificateBody(body),
      encodeString(encodeSignature(signEd25519(user.privateKey, encodeCertificateBody(body)))),
    )
    expect(() => parseCertificateBlob(nested)).toThrow(expect.objectContaining({ code: 'unsupported' }))
  })
})

describe('checking', () => {
  test('a good certificate has no problem', async () => {
    expect(certificateProblems(await question())).toEqual([])
  })

  test('each wrong circumstance is named', async () => {
    const other = (await generateEd25519()).publicKey
    const bySerial = parseRevocationList(
      buildRevocationList({
        version: 2n,
        generatedAt: now,
        comment: '',
        certificates: [{ caKey: ca.publicKey, serials: [7n] }],
        keys: [],
      }),
    )
    const byKey = parseRevocationList(
      buildRevocationList({ version: 2n, generatedAt: now, comment: '', certificates: [], keys: [user.publicKey] }),
    )
    const cases: readonly [Partial<CertificateQuestion>, string][] = [
      [{ trustedCaKeys: [other] }, 'unknown-ca'],
      [{ trustedCaKeys: [] }, 'unknown-ca'],
      [{ kind: 'host' }, 'wrong-kind'],
      [{ revoked: bySerial }, 'revoked'],
      [{ revoked: byKey }, 'revoked'],
      [{ now: later(-62) }, 'not-yet-valid'],
      [{ now: new Date('2026-03-01T12:10:00Z') }, 'expired'],
      [{ sshPrincipal: 'root' }, 'wrong-principal'],
      [{ sourceAddress: '11.0.0.1' }, 'wrong-source-address'],
      [{ sourceAddress: '::1' }, 'wrong-source-address'],
    ]
    for (const [changes, problem] of cases)
      expect(certificateProblems(await question(changes)), problem).toEqual([problem])
    expect(certificateProblems(await question({ now: new Date('2026-03-01T12:09:59Z') }))).toEqual([])
    expect(certificateProblems(await question({ sourceAddress: '::ffff:10.0.0.1' }))).toEqual([])
  })

  test('an unknown critical option makes a certificate useless', async () => {
    const good = await signUserCertificate(request({ sourceAddresses: ANY_SOURCE_ADDRESS }), authority)
    const body = { ...good, criticalOptions: new Map([['new-option', 'x']]) }
    const blob = concatBytes(
      encodeCertificateBody(body),
      encodeString(encodeSignature(signEd25519(ca.privateKey, encodeCertificateBody(body)))),
    )
    expect(
      certificateProblems(await question({ certificate: parseCertificateBlob(blob), sourceAddress: '203.0.113.9' })),
    ).toEqual(['unknown-critical-option'])
  })
})

describe('key ids', () => {
  test('whatever the names are, a key id is one safe line with exactly three fields', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (leaseId, principal, purpose) => {
          const keyId = certificateKeyId({ leaseId, principal, purpose })
          expect(keyId).toMatch(/^lease=[\w.@:/%-]* user=[\w.@:/%-]* purpose=[\w.@:/%-]*$|\.\.\.$/)
          expect(keyId).toMatch(/^[\x21-\x7e ]+$/)
          expect(keyId.length).toBeLessThanOrEqual(KEY_ID_CHARS_MAX)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a person can read who and why', () => {
    expect(certificateKeyId({ leaseId: 'L1', principal: 'ada', purpose: 'fix the disk (serial 5)' })).toBe(
      'lease=L1 user=ada purpose=fix_the_disk_%28serial_5%29',
    )
  })
})
