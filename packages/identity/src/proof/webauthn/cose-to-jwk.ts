import { isoCBOR } from '@simplewebauthn/server/helpers'

/** COSE's labels of key parameters (RFC 9053). */
const label = { kty: 1, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const

/** A credential's public key as others can read it (RFC 7517); null: of a kind that is not taken. */
export function coseToJwk(cose: Uint8Array): Readonly<Record<string, string>> | null {
  const key = isoCBOR.decodeFirst<Map<number, unknown>>(new Uint8Array(cose))
  const bytes = (at: number): string | null => {
    const value = key.get(at)
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : null
  }
  const whole = (jwk: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> | null =>
    Object.values(jwk).includes(null) ? null : (jwk as Readonly<Record<string, string>>) // none is null, by the look
  switch (key.get(label.kty)) {
    case 1:
      return key.get(label.crv) === 6 ? whole({ kty: 'OKP', crv: 'Ed25519', x: bytes(label.x) }) : null
    case 2:
      return key.get(label.crv) === 1 ? whole({ kty: 'EC', crv: 'P-256', x: bytes(label.x), y: bytes(label.y) }) : null
    case 3:
      return whole({ kty: 'RSA', n: bytes(label.n), e: bytes(label.e) })
    default:
      return null
  }
}
