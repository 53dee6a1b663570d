import { formatPublicKey, parsePublicKeyLine, type PublicKey } from './public-key.ts'
import { canonicalSourceAddresses } from './source-address.ts'
import { malformed, refused } from './ssh-wire-error.ts'

/** One line of `authorized_keys` as we write it. Every line of ours is `restrict`ed; what it may do is named. */
export interface AuthorizedKey {
  readonly key: PublicKey
  /** Names the key in sshd's reader's eyes: our key id. */
  readonly comment: string
  /**
   * sshd itself refuses the key afterwards, even when we are gone. Missing only for keys that are ours, not a lease's.
   */
  readonly expiresAt: Date | null
  readonly sourceAddresses: readonly string[]
  readonly allow: readonly AuthorizedKeyPermission[]
  readonly forceCommand?: string
}

/** What can be given back after `restrict`. The names of the wire. */
export type AuthorizedKeyPermission = 'pty' | 'agent-forwarding' | 'port-forwarding' | 'X11-forwarding' | 'user-rc'

/**
 * Renders the line, without a newline.
 * `expiry-time` ends in `Z` for UTC, which OpenSSH takes from 9.1 on; older servers refuse the whole line, so they fail
 * closed instead of reading the time in their own zone.
 */
export const formatAuthorizedKey = ({
  key,
  comment,
  expiresAt,
  sourceAddresses,
  allow,
  forceCommand,
}: AuthorizedKey): string => {
  const options = [
    'restrict',
    ...new Set(allow),
    ...(expiresAt === null ? [] : [`expiry-time="${expiryTime(expiresAt)}"`]),
    `from="${canonicalSourceAddresses(sourceAddresses).join(',')}"`,
    ...(forceCommand === undefined ? [] : [`command="${quoteOptionValue(forceCommand)}"`]),
  ]
  return `${options.join(',')} ${formatPublicKey({ ...key, comment: asciiComment(comment) })}`
}

/** `YYYYMMDDHHMMSSZ`; parts of a second are cut off, so the line never outlives its lease. */
const expiryTime = (instant: Date): string => {
  const [, year, rest] = /^(\d{4})-(.*)\.\d{3}Z$/.exec(instant.toISOString()) ?? []
  if (year === undefined || rest === undefined) throw refused('a key must end between the years 0 and 9999')
  return `${year}${rest.replace(/\D/g, '')}Z`
}

/** sshd knows one escape, `\"`: a backslash before a quote or at the end would eat the quote that we write. */
const quoteOptionValue = (value: string): string => {
  if (!/^[\x20-\x7e]+$/.test(value)) throw refused('a key option is one line of printable ascii')
  if (/\\("|$)/.test(value)) throw refused('a key option must not hold a backslash before a quote or at its end')
  return value.replaceAll('"', '\\"')
}

const asciiComment = (comment: string): string => {
  if (!/^[\x21-\x7e][\x20-\x7e]*$/.test(comment))
    throw refused('the comment of a key line is printable ascii and not empty')
  return comment
}

/** Reads a line, with or without options in front. The options stay text: only sshd gives them a meaning. */
export const parseAuthorizedKey = (line: string): { readonly options: string; readonly key: PublicKey } => {
  const text = line.trim()
  const optionsEnd = endOfOptions(text)
  if (/^(?:ssh-|ecdsa-|sk-)/.test(text)) return { options: '', key: parsePublicKeyLine(text) }
  if (optionsEnd <= 0) throw malformed('the line holds no key')
  return { options: text.slice(0, optionsEnd), key: parsePublicKeyLine(text.slice(optionsEnd)) }
}

/** Options end at the first blank outside of quotes; -1 when there is none. */
const endOfOptions = (text: string): number => {
  const [options] = /^(?:"(?:\\"|[^"])*"|[^"\s])*/.exec(text) ?? []
  const end = options?.length ?? 0
  return /^[ \t]/.test(text.slice(end)) ? end : -1
}
