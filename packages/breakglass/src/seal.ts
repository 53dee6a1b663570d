import { isTextSignedBy, parseVerifier, type SignedText } from '@gatehouse/audit/verify'
import type { ExportedRequest, UnsealedRequest } from './exported-request.ts'

/** What the key of the audit log signs of an export: all of it but the seal, in one form. */
export const sealedText = (exported: UnsealedRequest): SignedText => ({
  kind: 'break-glass-export',
  text: canonicalOf(exported),
})

/**
 * Why an export is not as Gatehouse gave it; null: it is. `key`: the public key of the audit log, as somebody has kept
 * it; null: the one in the file, which shows that nothing was changed by mistake, and not by whom it was made.
 */
export function sealProblem({ seal, ...sealed }: ExportedRequest, key: string | null): string | null {
  const verifier = parseVerifier(String(seal.key))
  if (verifier === null) return 'its seal has no public key of an audit log'
  if (key !== null && seal.key !== key) return `it was sealed by another key than yours: ${seal.key}`
  return isTextSignedBy(verifier, sealedText(sealed), seal.signature) ? null : 'it is not as it was sealed'
}

/** Keys in the order of canonical JSON; our documents hold no numbers but whole ones. */
export function canonicalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalOf(part)}`).join(',')}}`
}
