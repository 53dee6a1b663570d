import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'

export type ApiTokenKind = 'User' | 'Service'

/**
 * Typed prefixes, so that scanners of leaked secrets know one when they see it, and know whose it is. Spelt out: the
 * short
 * `gh?_` are another product's, and a scanner would send our secret to its maker to ask.
 */
const prefixes = { User: 'gatehouse_pat_', Service: 'gatehouse_svc_' } as const satisfies Record<ApiTokenKind, string>

/** 256 bits: not to be guessed, so a fast hash is enough to look it up by. */
const randomBytes = 32

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base = BigInt(alphabet.length)
/** 62^43 > 2^256. */
const bodyLength = 43
/** 62^6 > 2^32: the whole of a CRC-32. */
const checksumLength = 6
/** Enough to tell one's tokens apart, 24 of the 256 bits. */
const hintLength = 4

const form = new RegExp(`^(?:${Object.values(prefixes).join('|')})[0-9A-Za-z]{${bodyLength + checksumLength}}$`)

export interface NewApiToken {
  readonly token: Secret<string>
  readonly hash: Buffer
  /** What may be shown of it afterwards. */
  readonly hint: string
}

/**
 * Makes a token's text: prefix, 256 random bits, and a checksum by which a scanner tells a token from what merely looks
 * like one.
 */
export function createApiToken(random: Random, kind: ApiTokenKind): NewApiToken {
  const body = base62(BigInt(`0x${Buffer.from(random.bytes(randomBytes)).toString('hex')}`), bodyLength)
  const unchecked = prefixes[kind] + body
  const token = unchecked + checksumOf(unchecked)
  return { token: secret(token), hash: hashOf(token), hint: `${prefixes[kind]}${body.slice(0, hintLength)}` }
}

/** True for what says of itself that it is an API token; no access token does. */
export const looksLikeApiToken = (text: string): boolean =>
  Object.values(prefixes).some((prefix) => text.startsWith(prefix))

/**
 * The hash to look a presented token up by; null: it cannot be one of ours. The whole text is hashed, so there are no
 * second spellings.
 */
export function apiTokenHash(text: string): Buffer | null {
  if (!form.test(text)) return null
  const unchecked = text.slice(0, -checksumLength)
  return checksumOf(unchecked) === text.slice(-checksumLength) ? hashOf(text) : null
}

const checksumOf = (text: string): string => base62(BigInt(crc32(text)), checksumLength)

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

function base62(value: bigint, length: number): string {
  const digits: string[] = []
  for (let rest = value; digits.length < length; rest /= base) digits.unshift(alphabet[Number(rest % base)] ?? '')
  return digits.join('')
}
