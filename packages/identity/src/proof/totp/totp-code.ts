import type { Secret } from '@gatehouse/contract'
import { NobleCryptoPlugin, ScureBase32Plugin, TOTP } from 'otplib'

/** What a code depends on besides secret and time. */
export interface TotpParameters {
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512'
  readonly digits: 6 | 8
  readonly periodSeconds: typeof totpPeriodSeconds
}

/** Many apps know no other period, and show codes that are never right. */
export const totpPeriodSeconds = 30

/**
 * RFC 6238 as every authenticator app has it. Some ignore what the URI says beyond it, so the rest is for those who
 * ask.
 */
export const totpByDefault: TotpParameters = { algorithm: 'SHA1', digits: 6, periodSeconds: totpPeriodSeconds }

/** As long as the hash's own output (RFC 6238 §5.1 by way of RFC 4226 §4 R6). */
export const totpSecretBytes = { SHA1: 20, SHA256: 32, SHA512: 64 } as const satisfies Record<
  TotpParameters['algorithm'],
  number
>

/** One step before and after: a phone's clock may be off by half a minute. */
const toleranceSeconds = totpPeriodSeconds

const hashes = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const satisfies Record<
  TotpParameters['algorithm'],
  string
>

const base32 = new ScureBase32Plugin()
const crypto = new NobleCryptoPlugin()

/** The secret as people type it: base32 (RFC 4648), without padding. */
export const totpSecretText = (secret: Uint8Array): string => base32.encode(secret, { padding: false })

/**
 * The URI that a QR code shows, with the secret in it. All parameters are named, and blanks are `%20`: apps read a `+`
 * as it stands.
 */
export function otpauthUri(
  secret: Uint8Array,
  {
    issuer,
    username,
    algorithm,
    digits,
    periodSeconds,
  }: TotpParameters & { readonly issuer: string; readonly username: string },
): string {
  const parts = {
    secret: totpSecretText(secret),
    issuer,
    algorithm,
    digits: String(digits),
    period: String(periodSeconds),
  }
  const query = Object.entries(parts)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  return `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(username)}?${query}`
}

/**
 * The time step that a code belongs to; null: the code is of none that is near `now`. Whether it is spent is the row's
 * to say.
 */
export async function matchTotpStep(
  code: Secret<string>,
  { secret, parameters, now }: { secret: Uint8Array; parameters: TotpParameters; now: Date },
): Promise<number | null> {
  const { algorithm, digits, periodSeconds } = parameters
  const token = canonicalCode(code.expose(), digits)
  if (token === null) return null
  const totp = new TOTP({ algorithm: hashes[algorithm], digits, period: periodSeconds, crypto, base32 })
  const result = await totp.verify(token, {
    secret: totpSecretText(secret),
    epoch: Math.floor(now.getTime() / 1000),
    epochTolerance: toleranceSeconds,
  })
  return result.valid ? result.timeStep : null
}

/**
 * As many ASCII digits as a code has, however they were spelt: with blanks, hyphens or another script's digits. Null:
 * not a code.
 */
export function canonicalCode(text: string, length: TotpParameters['digits']): string | null {
  const digits = text
    .normalize('NFKC')
    .replace(/[\s-]/gu, '')
    .replace(/\p{Nd}/gu, asciiDigit)
  return digits.length === length && /^[0-9]+$/.test(digits) ? digits : null
}

/**
 * Unicode keeps each script's ten digits in one run that begins with its zero, and runs of runs are multiples of ten
 * long.
 */
function asciiDigit(digit: string): string {
  const at = digit.codePointAt(0) ?? 0
  let run = 0
  while (/^\p{Nd}$/u.test(String.fromCodePoint(at - run - 1))) run += 1
  return String(run % 10)
}

/**
 * How long until a code can be accepted that is not spent: when the step after the spent one begins. At least a second.
 */
export function secondsUntilFreshCode(spentStep: number, now: Date): number {
  return Math.max(1, Math.ceil((spentStep + 1) * totpPeriodSeconds - now.getTime() / 1000))
}
