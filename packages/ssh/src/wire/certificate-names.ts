import { canonicalHostAddress, hostAddressRule, isSshAccount, sshAccountRule } from '@gatehouse/kit'
import type { CertificateKind } from './certificate.ts'
import { fingerprint, type PublicKey } from './public-key.ts'
import { refused } from './ssh-wire-error.ts'

/** OpenSSH takes 256; ours name accounts one by one. */
export const SSH_PRINCIPALS_MAX = 64

/** sshd logs the key id on every log-in, so it stays one readable line. */
export const KEY_ID_CHARS_MAX = 255

/**
 * The names for which a certificate is good, checked and without doubles.
 * An empty list would mean *every* account to older servers (CVE-2024-7594); commas, blanks, wildcards and newlines
 * would let one name become two, or all (GHSA-59w7). So only what can be an account or a host is one, by the rule of
 * all layers, and an empty list is refused.
 */
export const checkedSshPrincipals = (kind: CertificateKind, names: readonly string[]): readonly string[] => {
  if (names.length === 0) throw refused('a certificate must name at least one ssh principal')
  if (names.length > SSH_PRINCIPALS_MAX)
    throw refused(`a certificate must not name more than ${SSH_PRINCIPALS_MAX} ssh principals`)
  return [...new Set(names.map(checkers[kind]))]
}

/** An account as hosts are registered with, bare or bound to a host key, whose fingerprint is base64. */
const checkedAccount = (name: string): string => {
  const [, account = name] = /^(.*)@SHA256:[A-Za-z0-9+/]{43}$/.exec(name) ?? []
  if (!isSshAccount(account)) throw refused(`an ssh principal must be ${sshAccountRule}`)
  return name
}

/** A name or an address, in the one spelling that hosts are registered with. */
const checkedHost = (name: string): string => {
  if (canonicalHostAddress(name) !== name) throw refused(`a name of a host must be ${hostAddressRule}, in lower case`)
  return name
}

const checkers = { user: checkedAccount, host: checkedHost } as const satisfies Record<
  CertificateKind,
  (name: string) => string
>

/**
 * The name of an account on one host and on no other: hosts list it in the principals file of the account. Without the
 * host's key in it, a certificate would be good for that account on every host that trusts the CA (threat A2).
 */
export const boundSshPrincipal = (account: string, hostKey: Pick<PublicKey, 'blob'>): string => {
  if (!isSshAccount(account)) throw refused(`the account must be ${sshAccountRule}`)
  return `${account}@${fingerprint(hostKey)}`
}

/**
 * Who and why, as sshd logs it: `lease=… user=… purpose=…`, in an alphabet in which nobody can forge a second field.
 */
export const certificateKeyId = ({
  leaseId,
  principal,
  purpose,
}: {
  readonly leaseId: string
  readonly principal: string
  readonly purpose: string
}): string =>
  cut(`lease=${escapeKeyIdField(leaseId)} user=${escapeKeyIdField(principal)} purpose=${escapeKeyIdField(purpose)}`)

/** Blanks become `_`, everything else outside the alphabet is percent-encoded as UTF-8. */
const escapeKeyIdField = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(' ', '_')
    .replace(/[^A-Za-z0-9_.@:/-]/gu, percentEncode)

const percentEncode = (character: string): string =>
  Array.from(
    new TextEncoder().encode(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')

/** A cut through a `%XX` would read as another character, so the cut goes before it. */
const cut = (text: string): string =>
  text.length <= KEY_ID_CHARS_MAX ? text : `${text.slice(0, KEY_ID_CHARS_MAX - 3).replace(/%.?$/, '')}...`

/** Refuses a key id that sshd's log could not show on one line. */
export const checkedKeyId = (keyId: string): string => {
  if (!/^[\x20-\x7e]+$/.test(keyId)) throw refused('a key id is printable ascii and not empty')
  if (keyId.length > KEY_ID_CHARS_MAX) throw refused(`a key id must not be longer than ${KEY_ID_CHARS_MAX} characters`)
  return keyId
}
