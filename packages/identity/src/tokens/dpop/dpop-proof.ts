import { createHash, createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { proofAlgorithms, type ProofAlgorithm } from '@gatehouse/contract'
import type { KeyProof } from '@gatehouse/enforcement'
import { isEd25519Point, isWeakEd25519 } from '@gatehouse/kit'
import { z } from 'zod'
import { splitJws } from '../compact-jws.ts'

/** Proofs by RSA keys of 4096 bits have two thirds of this; what is longer is not read at all. */
const proofBytesMax = 4096

/**
 * Clients' clocks are off by this much at most, either way. A proof is remembered for as long as it could be shown
 * again.
 */
export const proofSecondsMax = 60

const rsaBitsMin = 2048
/** Checking a signature of a longer key costs us more than making it up costs a stranger. */
const rsaBitsMax = 4096

/** How one algorithm checks. The header's word only picks a row, and the key must fit it (RFC 8725 §3.1). */
interface Algorithm {
  readonly fits: (key: KeyObject) => boolean
  readonly verify: (signed: Buffer, key: KeyObject, signature: Buffer) => boolean
  /** The members of the key that its name is made of (RFC 7638 §3.2), in order. */
  readonly members: readonly (keyof JsonWebKey)[]
}

/** The signatures that are accepted. No MAC, and not `none`: a proof shows a key that we do not have. */
const algorithms: Readonly<Record<ProofAlgorithm, Algorithm>> = {
  ES256: {
    fits: (key) => key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
    verify: (signed, key, signature) => verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature),
    members: ['crv', 'kty', 'x', 'y'],
  },
  EdDSA: {
    fits: (key) => key.asymmetricKeyType === 'ed25519',
    verify: (signed, key, signature) => verify(null, signed, key, signature),
    members: ['crv', 'kty', 'x'],
  },
  RS256: {
    fits: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
      asymmetricKeyType === 'rsa' &&
      (asymmetricKeyDetails?.modulusLength ?? 0) >= rsaBitsMin &&
      (asymmetricKeyDetails?.modulusLength ?? 0) <= rsaBitsMax,
    verify: (signed, key, signature) => verify('sha256', signed, key, signature),
    members: ['e', 'kty', 'n'],
  },
}

/** A public key and nothing private beside it: who shows the private part shows that others may have it. */
const PublicJwk = z
  .object({
    kty: z.enum(['EC', 'OKP', 'RSA']),
    crv: z.string().optional(),
    x: z.string().optional(),
    y: z.string().optional(),
    n: z.string().optional(),
    e: z.string().optional(),
  })
  .catchall(z.unknown())
  .refine((jwk) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].every((member) => !(member in jwk)))

/** RFC 9449 §4.2. No member that could name another key or demand an extension. */
const Header = z.strictObject({ typ: z.literal('dpop+jwt'), alg: z.enum(proofAlgorithms), jwk: PublicJwk })

const Claims = z.object({
  jti: z.string().min(8).max(256),
  htm: z.string().max(32),
  htu: z.string().max(4096),
  iat: z.int().min(0),
  ath: z.string().max(64).optional(),
})

/** What a good proof says. */
export interface ProofFacts {
  /** The RFC 7638 thumbprint of the key that was shown. */
  readonly thumbprint: string
  readonly jti: string
  readonly issuedAt: Date
  /** The hash of the access token that it was made for; null: for none. */
  readonly tokenHash: string | null
}

/**
 * Reads a proof of possession for this very request (RFC 9449 §4.3), save that it was not shown before: that is
 * `claimProof`'s.
 * Null: it is not good. Touches nothing outside, so it may be done for strangers.
 */
export function readProof(
  proof: KeyProof,
  { publicUrl, now }: { readonly publicUrl: string; readonly now: Date },
): ProofFacts | null {
  const jws = proof.header.length > proofBytesMax ? null : splitJws(proof.header)
  const header = Header.safeParse(jws?.header)
  const claims = Claims.safeParse(jws?.payload)
  if (jws === null || !header.success || !claims.success) return null
  const { jti, htm, htu, iat, ath } = claims.data
  if (
    htm !== proof.method ||
    !isThisPlace(htu, proof.path, publicUrl) ||
    Math.abs(now.getTime() / 1000 - iat) > proofSecondsMax
  )
    return null
  const algorithm = algorithms[header.data.alg]
  const key = publicKeyOf(header.data.jwk)
  if (key === null || !algorithm.fits(key) || !algorithm.verify(jws.signed, key, jws.signature)) return null
  return { thumbprint: thumbprintOf(key, algorithm), jti, issuedAt: new Date(iat * 1000), tokenHash: ath ?? null }
}

/** `ath` of RFC 9449 §4.2. */
export const tokenHashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether a proof was made for this place. The place's name is the configured public URL and never a request's Host, or
 * a stranger's server
 * could have proofs made for itself and show them here. Where that is a loopback name, the machine's other names are as
 * good: nobody else answers there.
 */
function isThisPlace(htu: string, path: string, publicUrl: string): boolean {
  const shown = URL.parse(htu)
  const ours = new URL(publicUrl)
  if (shown === null || shown.username !== '' || shown.password !== '') return false
  const sameHost =
    shown.host === ours.host ||
    (shown.port === ours.port && loopbackNames.has(ours.hostname) && loopbackNames.has(shown.hostname))
  // query and fragment are left out of account, as RFC 9449 §4.3 says
  return sameHost && shown.protocol === ours.protocol && shown.pathname === ours.pathname.replace(/\/$/, '') + path
}

const isGoodPoint = (raw: Uint8Array): boolean => isEd25519Point(raw) && !isWeakEd25519(raw)

function publicKeyOf({ kty, crv, x, y, n, e }: z.output<typeof PublicJwk>): KeyObject | null {
  const key = { kty, crv, x, y, n, e }
  if (kty === 'RSA' && !isOrdinaryRsa(n, e)) return null
  if (kty === 'OKP' && !isGoodPoint(Buffer.from(x ?? '', 'base64url'))) return null
  try {
    return createPublicKey({
      key: Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined)),
      format: 'jwk',
    })
  } catch {
    return null // no point on the curve, no number, a member missing
  }
}

/**
 * Threat A8: of a key with an exponent as long as its modulus, one verification takes as long as five hundred others.
 */
const rsaExponentBytesMax = 4

/** Looked at before the key is made, let alone used: a stranger chooses both numbers. */
function isOrdinaryRsa(modulus = '', exponent = ''): boolean {
  const bits = Buffer.from(modulus, 'base64url').length * 8
  const exponentBytes = Buffer.from(exponent, 'base64url').length
  return bits >= rsaBitsMin && bits <= rsaBitsMax && exponentBytes > 0 && exponentBytes <= rsaExponentBytesMax
}

/** Of the key as it is, not as it was spelled: one key has one name. */
function thumbprintOf(key: KeyObject, { members }: Algorithm): string {
  const jwk = key.export({ format: 'jwk' })
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members.map((member) => [member, jwk[member]]))))
    .digest('base64url')
}
