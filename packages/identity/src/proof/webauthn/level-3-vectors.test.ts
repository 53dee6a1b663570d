// The test vectors of WebAuthn Level 3, section 16, through the same functions as every registration and assertion.
import { sign, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createMaker, type AttestationChain } from '@gatehouse/testkit'
import { decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers'
import { describe, expect, test } from 'vitest'
import { parseAssertion, parseRegistration } from './ceremony-response.ts'
import { verifyAssertion, type RelyingParty, type VerifiedAssertion } from './verify-assertion.ts'
import { verifyRegistration, type VerifiedRegistration } from './verify-registration.ts'

interface Vector {
  readonly id: string
  readonly registration: {
    readonly challenge: string
    readonly credentialId: string
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly aaguid: string
  }
  readonly authentication: {
    readonly challenge: string
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
  }
}
const file = JSON.parse(
  readFileSync(new URL('../../../testdata/webauthn-level-3-vectors.json', import.meta.url), 'utf8'),
) as { rpId: string; origin: string; attestationCaCert: string; vectors: Vector[] } // our own file

const root = new X509Certificate(Buffer.from(file.attestationCaCert, 'hex')).toString()
const mfa: RelyingParty = { webauthnRpId: file.rpId, webauthnOrigins: [file.origin], webauthnAttestationRoots: [root] }

const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')
const vectorOf = (id: string): Vector => {
  const found = file.vectors.find((vector) => vector.id === id)
  if (found === undefined) throw new TypeError(`no vector ${id}`)
  return found
}

async function registered({ registration }: Vector, relyingParty = mfa): Promise<VerifiedRegistration | null> {
  const id = base64url(registration.credentialId)
  const given = parseRegistration('credential', {
    id,
    rawId: id,
    type: 'public-key',
    response: {
      clientDataJSON: base64url(registration.clientDataJSON),
      attestationObject: base64url(registration.attestationObject),
    },
  })
  expect(given.client.challenge).toBe(base64url(registration.challenge))
  return verifyRegistration({ mfa: relyingParty }, { ...given, requireUserVerification: false })
}

async function asserted(
  { registration, authentication }: Vector,
  made: Pick<VerifiedRegistration, 'publicKey' | 'backupEligible'>,
): Promise<VerifiedAssertion | null> {
  const id = base64url(registration.credentialId)
  const { clientDataJSON, authenticatorData, signature } = authentication
  const given = parseAssertion('assertion', {
    id,
    rawId: id,
    type: 'public-key',
    response: {
      clientDataJSON: base64url(clientDataJSON),
      authenticatorData: base64url(authenticatorData),
      signature: base64url(signature),
    },
  })
  expect(given.client.challenge).toBe(base64url(authentication.challenge))
  return verifyAssertion(
    { mfa },
    {
      ...given,
      requireUserVerification: false,
      credential: { credential_id: Buffer.from(registration.credentialId, 'hex'), public_key: made.publicKey },
    },
  )
}

test("the section's fifteen pairs are all here", () => {
  expect(file.vectors.map(({ id }) => id)).toEqual([
    'none-es256',
    'packed-self-es256',
    'none-es256-crossOrigin',
    'none-es256-topOrigin',
    'none-es256-long-credential-id',
    'packed-es256',
    'packed-es384',
    'packed-es512',
    'packed-rs256',
    'packed-eddsa',
    'packed-ed448',
    'tpm-es256',
    'android-key-es256',
    'apple-es256',
    'fido-u2f-es256',
  ])
})

describe('algorithms that are taken', () => {
  test.each([
    ['none-es256', 'none', false],
    ['packed-self-es256', 'packed', false],
    ['none-es256-long-credential-id', 'none', false],
    ['packed-es256', 'packed', true],
    ['packed-rs256', 'packed', true],
    ['packed-eddsa', 'packed', true],
  ])('%s registers and logs in (%s, attested: %s)', async (id, attestationFormat, attested) => {
    const vector = vectorOf(id)
    const made = await registered(vector)
    expect(made).toMatchObject({
      attestationFormat,
      attested,
      credentialId: Buffer.from(vector.registration.credentialId, 'hex'),
    })
    if (made === null) return
    expect(made.aaguid.replaceAll('-', '')).toBe(vector.registration.aaguid)
    expect(await asserted(vector, made)).not.toBeNull()
  })

  test.each(['apple', 'android-key'])(
    '%s-es256 registers and logs in once its root is trusted, and not before',
    async (attestationFormat) => {
      const vector = vectorOf(`${attestationFormat}-es256`)
      expect(await registered(vector, { ...mfa, webauthnAttestationRoots: [] })).toBeNull()
      const made = await registered(vector)
      expect(made).toMatchObject({ attestationFormat, attested: true, aaguid: expect.any(String) })
      if (made !== null) expect(await asserted(vector, made)).not.toBeNull()
      // what was trusted for one call is not for the next
      expect(await registered(vector, { ...mfa, webauthnAttestationRoots: [] })).toBeNull()
    },
  )

  // The statement's signature is not over the AAGUID, so the one that the vector has is nobody's word (§8.6)
  test('fido-u2f-es256 registers and logs in, as no model in particular', async () => {
    const vector = vectorOf('fido-u2f-es256')
    const made = await registered(vector)
    expect(made).toMatchObject({
      attestationFormat: 'fido-u2f',
      attested: true,
      aaguid: '00000000-0000-0000-0000-000000000000',
      attestation: Buffer.from(vector.registration.attestationObject, 'hex'),
    })
    if (made !== null) expect(await asserted(vector, made)).not.toBeNull()
    expect(await registered(vector, { ...mfa, webauthnAttestationRoots: [] })).toMatchObject({ attested: false })
  })

  // §8.3.1 has the certificate name a manufacturer of the TCG's register, and this one names `id:00000000`: the library
  // is right to refuse. A browser that was not asked
  // for attestation takes the statement away.
  test('tpm-es256 is refused with its statement of no manufacturer, and good as browsers pass it on', async () => {
    const vector = vectorOf('tpm-es256')
    expect(await registered(vector)).toBeNull()
    const made = await registered(withoutStatement(vector))
    expect(made).toMatchObject({
      attestationFormat: 'none',
      attested: false,
      credentialId: Buffer.from(vector.registration.credentialId, 'hex'),
    })
    if (made === null) return
    expect(made.aaguid.replaceAll('-', '')).toBe(vector.registration.aaguid)
    expect(await asserted(vector, made)).not.toBeNull()
  })

  test('the same statement is taken of a manufacturer in the register, and of no other', async () => {
    const vector = vectorOf('tpm-es256')
    const maker = await createMaker('Good TPMs')
    const trusting = { ...mfa, webauthnAttestationRoots: [maker.root] }
    const made = await registered(certifiedBy(vector, await maker.attestationKey('id:FFFFF1D0')), trusting)
    expect(made).toMatchObject({ attestationFormat: 'tpm', attested: true })
    expect(made?.aaguid.replaceAll('-', '')).toBe(vector.registration.aaguid)
    if (made !== null) expect(await asserted(vector, made)).not.toBeNull()
    expect(await registered(certifiedBy(vector, await maker.attestationKey('id:00000000')), trusting)).toBeNull()
    expect(await registered(certifiedBy(vector, await maker.attestationKey('id:FFFFF1D0')))).toMatchObject({
      attested: false,
    })
    expect(
      await registered(
        certifiedBy(vector, {
          ...(await maker.attestationKey('id:FFFFF1D0')),
          privateKey: (await maker.batch()).privateKey,
        }),
        trusting,
      ),
    ).toBeNull()
  })
})

describe('what is not taken', () => {
  test.each(['packed-es384', 'packed-es512', 'packed-ed448'])(
    '%s is refused: the algorithm was not offered',
    async (id) => {
      expect(await registered(vectorOf(id))).toBeNull()
    },
  )

  // Threat A14: a ceremony in another page's frame
  test.each(['none-es256-crossOrigin', 'none-es256-topOrigin'])(
    '%s is refused, registering and logging in',
    async (id) => {
      const vector = vectorOf(id)
      expect(await registered(vector)).toBeNull()
      const { publicKey, backupEligible } = unframed(vector)
      expect(await asserted(vector, { publicKey, backupEligible })).toBeNull()
    },
  )

  // Threat A14: a signature is over these very bytes, and by this very key
  test.each(['none-es256', 'packed-rs256', 'packed-eddsa'])(
    '%s with one bit changed is refused, wherever the bit is',
    async (id) => {
      const vector = vectorOf(id)
      const made = await registered(vector)
      if (made === null) throw new TypeError('the vector itself was refused')
      for (const part of ['authenticatorData', 'signature'] as const) {
        const bytes = Buffer.from(vector.authentication[part], 'hex')
        for (let at = 0; at < bytes.length; at += 7) {
          const bent = Buffer.from(bytes)
          bent[at] = (bent[at] ?? 0) ^ 0x01
          expect(
            await asserted(
              { ...vector, authentication: { ...vector.authentication, [part]: bent.toString('hex') } },
              made,
            ),
            `${part} ${at}`,
          ).toBeNull()
        }
      }
      const other = await registered(vectorOf(id === 'none-es256' ? 'packed-es256' : 'none-es256'))
      expect(
        await asserted(vector, { publicKey: other?.publicKey ?? Buffer.alloc(0), backupEligible: made.backupEligible }),
      ).toBeNull()
    },
  )

  test('another origin or relying party is refused', async () => {
    const vector = vectorOf('none-es256')
    expect(await registered(vector, { ...mfa, webauthnOrigins: ['https://example.org:8443'] })).toBeNull()
    expect(await registered(vector, { ...mfa, webauthnRpId: 'example.com' })).toBeNull()
  })

  // Threat A14: without an anchor anybody could vouch for themselves
  test('nobody vouches for an authenticator while no root is trusted', async () => {
    for (const id of ['packed-es256', 'packed-rs256']) {
      expect(await registered(vectorOf(id), { ...mfa, webauthnAttestationRoots: [] })).toMatchObject({
        attested: false,
      })
    }
  })
})

/**
 * What a browser makes of an attestation object that nobody asked for (§5.1.3): format `none`, an empty statement, the
 * same authenticator data.
 */
function withoutStatement(vector: Vector): Vector {
  const authData = decodeAttestationObject(
    new Uint8Array(Buffer.from(vector.registration.attestationObject, 'hex')),
  ).get('authData')
  const bare = isoCBOR.encode(
    new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]) as never,
  ) // the encoder's own type does not say that maps nest
  return { ...vector, registration: { ...vector.registration, attestationObject: Buffer.from(bare).toString('hex') } }
}

/** The vector's own TPM structures, signed and certified by another attestation key. */
function certifiedBy(vector: Vector, { certificates, privateKey }: AttestationChain): Vector {
  const object = decodeAttestationObject(new Uint8Array(Buffer.from(vector.registration.attestationObject, 'hex')))
  const statement = new Map(object.get('attStmt') as unknown as Map<string, unknown>) // a CBOR map is one
  const certInfo = object.get('attStmt').get('certInfo') ?? new Uint8Array()
  statement
    .set(
      'x5c',
      certificates.map((one) => new Uint8Array(one)),
    )
    .set('alg', -7)
    .set('sig', new Uint8Array(sign('sha256', certInfo, privateKey)))
  const made = isoCBOR.encode(
    new Map<string, unknown>([
      ['fmt', 'tpm'],
      ['attStmt', statement],
      ['authData', object.get('authData')],
    ]) as never,
  ) // the encoder's own type does not say that maps nest
  return { ...vector, registration: { ...vector.registration, attestationObject: Buffer.from(made).toString('hex') } }
}

/** The key of a registration whose frame is not looked at: only so can its log-in be asked about. */
function unframed({ registration }: Vector): { publicKey: Buffer; backupEligible: boolean } {
  const object = Buffer.from(registration.attestationObject, 'hex')
  const idAt = object.indexOf(Buffer.from(registration.credentialId, 'hex'))
  const publicKey = object.subarray(idAt + registration.credentialId.length / 2)
  const flags = object[idAt - 2 - 16 - 4 - 1] ?? 0
  return { publicKey, backupEligible: (flags & 0x08) !== 0 }
}
