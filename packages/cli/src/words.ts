import { withoutUnit } from '@gatehouse/kit'

/** `sshCertificate` → `ssh-certificate`, `ttlSeconds` → `ttl-seconds`. */
export const kebab = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `sshCertificate.revoke` → `['ssh-certificate', 'revoke']`. */
export const wordsOf = (operationName: string): readonly string[] => operationName.split('.').map(kebab)

/** `expiresAt` → `expires at`, `idleSeconds` → `idle`: a label for people. A value's unit stands with the value. */
export const label = (camel: string): string =>
  kebab(withoutUnit(camel).replace(/^seconds(?=[A-Z])/, 'time')).replaceAll('-', ' ')

/** `leases` → `lease`, `policies` → `policy`; a word that is no plural stays. */
export const singular = (word: string): string =>
  word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/(?<=[^s])s$/, '')

/** More edits than this is another word, not a slip. */
const EDITS_MAX = 3

/** The candidate that was probably meant; null when none is near. */
export const nearest = (typed: string, candidates: readonly string[]): string | null => {
  const scored = candidates.map((candidate) => ({ candidate, edits: editDistance(typed, candidate) }))
  const best = scored.reduce<{ candidate: string; edits: number } | null>(
    (least, next) => (least === null || next.edits < least.edits ? next : least),
    null,
  )
  return best !== null && best.edits <= Math.min(EDITS_MAX, Math.ceil(best.candidate.length / 2))
    ? best.candidate
    : null
}

/** Levenshtein distance, one row at a time. */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [fromIndex, letter] of [...from].entries()) {
    const next = [fromIndex + 1]
    for (const [toIndex, other] of [...to].entries()) {
      const replace = (row[toIndex] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replace, (row[toIndex + 1] ?? 0) + 1, (next[toIndex] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
