/** A signed token in three parts (RFC 7515 §7.1), taken apart and not yet believed. */
export interface CompactJws {
  readonly header: unknown
  readonly payload: unknown
  readonly signature: Buffer
  /** The bytes that the signature is over. */
  readonly signed: Buffer
}

/** Takes a compact JWS apart; null: it is none, or is spelled otherwise than its signer would. Nothing is verified. */
export function splitJws(token: string): CompactJws | null {
  const [header, payload, signature, ...rest] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return null
  const [headerBytes, payloadBytes, signatureBytes] = [bytesOf(header), bytesOf(payload), bytesOf(signature)]
  if (headerBytes === null || payloadBytes === null || signatureBytes === null) return null
  try {
    return {
      header: JSON.parse(headerBytes.toString('utf8')),
      payload: JSON.parse(payloadBytes.toString('utf8')),
      signature: signatureBytes,
      signed: Buffer.from(`${header}.${payload}`),
    }
  } catch {
    return null
  }
}

/**
 * One spelling per token: padding, other alphabets and stray bits at the end are refused, so a revoked token has no
 * twin.
 */
function bytesOf(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url')
  return part === '' || bytes.toString('base64url') !== part ? null : bytes
}
