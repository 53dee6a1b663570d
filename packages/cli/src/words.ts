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
