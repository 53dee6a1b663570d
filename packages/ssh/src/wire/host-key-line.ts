import { parsePublicKeyLine, standingKey, type StandingKey } from './public-key.ts'
import { malformed, unsupported } from './ssh-wire-error.ts'

/** A host's key as people paste it: with the names it stood under, or without. */
export interface HostKeyLine {
  /** The host patterns of a `known_hosts` line as they stood there; empty for a plain public key line. */
  readonly hosts: readonly string[]
  readonly key: StandingKey
}

/** More lines than any host has keys: the reader of an unknown host's answer needs a limit. */
const HOST_KEYS_MAX = 64

/**
 * Reads a `known_hosts` line, a line of `ssh-keyscan`, or a `ssh_host_ed25519_key.pub`. Lines with `@cert-authority` or
 * `@revoked` are refused: they pin nothing.
 */
export const parseHostKeyLine = (line: string): HostKeyLine => {
  const text = line.trim()
  if (text.startsWith('@')) throw unsupported("a host key line with a marker: give the host's own key")
  const words = text.split(/[ \t]+/)
  if (words.length > 2 && looksLikeKeyType(words[1])) {
    return { hosts: (words[0] ?? '').split(','), key: standingKey(parsePublicKeyLine(words.slice(1).join(' '))) }
  }
  return { hosts: [], key: standingKey(parsePublicKeyLine(text)) }
}

/** Reads many such lines, skipping empty ones and comments; keys of types we do not read are left out. */
export const parseHostKeyLines = (text: string): readonly HostKeyLine[] => {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length > HOST_KEYS_MAX) throw malformed(`more than ${HOST_KEYS_MAX} host keys`)
  return lines.flatMap((line) => (looksLikeReadableKey(line) ? [parseHostKeyLine(line)] : []))
}

const keyTypeName = /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521))$/

const looksLikeKeyType = (word: string | undefined): boolean => word !== undefined && keyTypeName.test(word)

const looksLikeReadableKey = (line: string): boolean => {
  const words = line.split(/[ \t]+/)
  return !line.startsWith('@') && (looksLikeKeyType(words[0]) || looksLikeKeyType(words[1]))
}
