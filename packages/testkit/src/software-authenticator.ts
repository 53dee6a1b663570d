import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import type { AttestationChain } from './attestation-chain.ts'

export type CredentialAlgorithm = 'ES256' | 'EdDSA' | 'RS256'

/** What the authenticator is. Everything that is left out is as an honest security key has it. */
export interface AuthenticatorNature {
  readonly algorithm?: CredentialAlgorithm
  readonly aaguid?: string
  /** Its keys may be copied to other devices. */
  readonly backupEligible?: boolean
  /** It knows a PIN or a finger, and has just been told it. */
  readonly verifiesUser?: boolean
  /** `self`: signed by the credential itself; a chain: signed by a maker's certificate. */
  readonly attestation?: 'none' | 'self' | AttestationChain
  /** False: it keeps no counter, as synced passkeys do. */
  readonly counts?: boolean
}

/** What a liar changes about one answer. */
export interface Lie {
  readonly origin?: string
  readonly topOrigin?: string
  readonly crossOrigin?: boolean
  readonly type?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly userPresent?: boolean
  readonly userVerified?: boolean
  readonly backedUp?: boolean
  readonly backupEligible?: boolean
  /** What the counter shows, instead of going forward. */
  readonly counter?: number
  /** The id it claims to answer for. */
  readonly credentialId?: string
  readonly userHandle?: string | null
  /** What is signed by whom: a signature of other bytes. */
  readonly forgedSignature?: boolean
}

/** An authenticator with a browser before it, in memory. Keys and signatures are real. */
export interface SoftwareAuthenticator {
  create(options: Readonly<Record<string, unknown>>, lie?: Lie): RegistrationResponseJSON
  get(options: Readonly<Record<string, unknown>>, lie?: Lie): AuthenticationResponseJSON
  /** Ids of the credentials in it, base64url, oldest first. */
  readonly credentialIds: () => readonly string[]
}

interface Credential {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
  readonly userHandle: string
  counter: number
}

const flag = { up: 0x01, uv: 0x04, be: 0x08, bs: 0x10, at: 0x40 } as const

/** Opens an authenticator that answers for `origin`. */
export function createSoftwareAuthenticator(origin: string, nature: AuthenticatorNature = {}): SoftwareAuthenticator {
  const credentials = new Map<string, Credential>()
  return {
    credentialIds: () => [...credentials.keys()],
    create: (given, lie = {}) => {
      const options = given as unknown as CreationOptions // the server's own document, passed on as JSON
      const made = makeCredential(options.user.id, nature.algorithm ?? 'ES256')
      credentials.set(made.id, made)
      const clientData = clientDataOf('webauthn.create', { challenge: options.challenge, origin, lie })
      const authData = Buffer.concat([
        authenticatorData(options.rp.id, made, { nature, lie, attested: true }),
        attestedData(made, nature, lie),
      ])
      const attestationObject = isoCBOR.encode(
        new Map<string, unknown>([
          ['fmt', nature.attestation === undefined || nature.attestation === 'none' ? 'none' : 'packed'],
          ['attStmt', statementOf(made, nature, Buffer.concat([authData, sha256(clientData)]))],
          ['authData', new Uint8Array(authData)],
        ]) as never,
      ) // the encoder's own type does not say that maps nest
      const id = lie.credentialId ?? made.id
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData),
          attestationObject: base64url(attestationObject),
          transports: ['usb'],
        },
      }
    },
    get: (given, lie = {}) => {
      const options = given as unknown as RequestOptions // as above
      const used = chosen(credentials, options)
      if (nature.counts !== false) used.counter += 1
      const clientData = clientDataOf('webauthn.get', { challenge: options.challenge, origin, lie })
      const authData = authenticatorData(options.rpId, used, { nature, lie, attested: false })
      const signed =
        lie.forgedSignature === true ? Buffer.from('something else') : Buffer.concat([authData, sha256(clientData)])
      const id = lie.credentialId ?? used.id
      const userHandle = lie.userHandle === undefined ? used.userHandle : lie.userHandle
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData),
          authenticatorData: base64url(authData),
          signature: base64url(signBy(used.privateKey, signed)),
          ...(userHandle === null ? {} : { userHandle }),
        },
      }
    },
  }
}

interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
}
interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
  readonly allowCredentials?: readonly { readonly id: string }[]
}

/** The one that is asked for; of a passkey log-in the newest. */
function chosen(credentials: ReadonlyMap<string, Credential>, { allowCredentials }: RequestOptions): Credential {
  const known = [...credentials.values()].reverse()
  const found =
    allowCredentials === undefined
      ? known[0]
      : known.find(({ id }) => allowCredentials.some((allowed) => allowed.id === id))
  if (found === undefined) throw new TypeError('this authenticator has no credential that was asked for')
  return found
}

function makeCredential(userHandle: string, algorithm: CredentialAlgorithm): Credential {
  const { privateKey, publicKey } = keyPairs[algorithm]()
  return {
    id: base64url(randomBytes(32)),
    privateKey,
    publicKey: coseKey(publicKey, algorithm),
    userHandle,
    counter: 0,
  }
}

const keyPairs = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const

/** COSE_Key (RFC 9052 §7, RFC 8230 §4). */
function coseKey(key: KeyObject, algorithm: CredentialAlgorithm): Uint8Array {
  const jwk = key.export({ format: 'jwk' })
  const part = (name: 'x' | 'y' | 'n' | 'e'): Uint8Array<ArrayBuffer> =>
    new Uint8Array(Buffer.from(jwk[name] ?? '', 'base64url'))
  const fields = {
    ES256: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, part('x')],
      [-3, part('y')],
    ],
    EdDSA: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, part('x')],
    ],
    RS256: [
      [1, 3],
      [3, -257],
      [-1, part('n')],
      [-2, part('e')],
    ],
  } as const satisfies Record<CredentialAlgorithm, readonly (readonly [number, number | Uint8Array])[]>
  return isoCBOR.encode(new Map<number, number | Uint8Array<ArrayBuffer>>(fields[algorithm]))
}

function clientDataOf(
  type: string,
  { challenge, origin, lie }: { challenge: string; origin: string; lie: Lie },
): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: lie.type ?? type,
      challenge: lie.challenge ?? challenge,
      origin: lie.origin ?? origin,
      crossOrigin: lie.crossOrigin ?? false,
      ...(lie.topOrigin === undefined ? {} : { topOrigin: lie.topOrigin }),
    }),
  )
}

/** WebAuthn §6.1. */
function authenticatorData(
  rpId: string,
  { counter }: Credential,
  { nature, lie, attested }: { nature: AuthenticatorNature; lie: Lie; attested: boolean },
): Buffer {
  const bits = [
    [flag.up, lie.userPresent ?? true],
    [flag.uv, lie.userVerified ?? nature.verifiesUser ?? true],
    [flag.be, lie.backupEligible ?? nature.backupEligible ?? false],
    [flag.bs, lie.backedUp ?? nature.backupEligible ?? false],
    [flag.at, attested],
  ] as const
  const flags = bits.reduce((sum, [bit, set]) => (set ? sum | bit : sum), 0)
  const tail = Buffer.alloc(5)
  tail.writeUInt8(flags, 0)
  tail.writeUInt32BE(lie.counter ?? (nature.counts === false ? 0 : counter), 1)
  return Buffer.concat([sha256(Buffer.from(lie.rpId ?? rpId)), tail])
}

function attestedData(
  { id, publicKey }: Credential,
  { aaguid = '00000000-0000-0000-0000-000000000000' }: AuthenticatorNature,
  lie: Lie,
): Buffer {
  const idBytes = Buffer.from(lie.credentialId ?? id, 'base64url')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(idBytes.length)
  return Buffer.concat([Buffer.from(aaguid.replaceAll('-', ''), 'hex'), length, idBytes, publicKey])
}

/** WebAuthn §8.2 and §8.7. */
function statementOf(
  { privateKey, publicKey }: Credential,
  { attestation = 'none' }: AuthenticatorNature,
  signed: Buffer,
): Map<string, unknown> {
  if (attestation === 'none') return new Map()
  const algorithm =
    attestation === 'self'
      ? Number((isoCBOR.decodeFirst(new Uint8Array(publicKey)) as unknown as Map<number, number>).get(3))
      : -7 // a COSE_Key is such a map
  const key = attestation === 'self' ? privateKey : attestation.privateKey
  const statement = new Map<string, unknown>([
    ['alg', algorithm],
    ['sig', new Uint8Array(signBy(key, signed))],
  ])
  return attestation === 'self'
    ? statement
    : statement.set(
        'x5c',
        attestation.certificates.map((certificate) => new Uint8Array(certificate)),
      )
}

const signBy = (key: KeyObject, bytes: Uint8Array): Buffer =>
  sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key)
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
