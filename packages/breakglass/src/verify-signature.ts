import { createHash, createPublicKey, verify as verifySignature, type JsonWebKey } from 'node:crypto'
import { guarded, type ExportedRequest } from './exported-request.ts'

interface Evidence {
  readonly assertion: {
    readonly id: string
    readonly response: {
      readonly clientDataJSON: string
      readonly authenticatorData: string
      readonly signature: string
    }
  }
  readonly key: { readonly credentialId: string; readonly jwk: JsonWebKey }
  readonly rpId: string
  readonly origins: readonly string[]
}

const userPresent = 0x01

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** WebAuthn Level 3 §7.2, as far as it can be checked without the server. Null: the key has signed this statement. */
export function signatureProblem({
  statement,
  evidence,
}: Pick<ExportedRequest['votes'][number], 'statement' | 'evidence'>): string | null {
  const proof = evidence === null ? undefined : guarded(() => JSON.parse(evidence) as Evidence | null)
  if (proof === undefined || proof === null) return 'its signature is not there'
  const problem = guarded(() => problemOf(proof, statement))
  return problem === undefined ? 'its key or its signature cannot be read' : problem // what can't be checked is wrong
}

function problemOf({ assertion, key, rpId, origins }: Evidence, statement: string): string | null {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
  const clientBytes = bytes(assertion.response.clientDataJSON)
  const client = JSON.parse(clientBytes.toString('utf8')) as { type?: unknown; challenge?: unknown; origin?: unknown }
  const authData = bytes(assertion.response.authenticatorData)
  if (client.type !== 'webauthn.get') return 'its key was asked for something else'
  if (client.challenge !== sha256(statement).toString('base64url')) return 'its key has signed something else'
  if (!origins.includes(String(client.origin))) return 'its key was asked by another page'
  if (!authData.subarray(0, 32).equals(sha256(rpId))) return 'its key was asked by another site'
  if (((authData[32] ?? 0) & userPresent) === 0) return 'nobody touched its key'
  if (assertion.id !== key.credentialId) return 'another key has signed it'
  const signed = Buffer.concat([authData, createHash('sha256').update(clientBytes).digest()])
  const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' })
  const algorithm = key.jwk.kty === 'OKP' ? null : 'sha256'
  return verifySignature(algorithm, signed, publicKey, bytes(assertion.response.signature))
    ? null
    : 'its signature is wrong'
}
