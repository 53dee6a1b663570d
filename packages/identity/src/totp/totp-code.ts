import type { Secret } from '@gatehouse/contract'
import { NobleCryptoPlugin, ScureBase32Plugin, TOTP } from 'otplib'

/** RFC 6238 as every authenticator app has it by default. Larger values are ignored by some apps, so they are not offered. */
export const totpParameters = { algorithm: 'SHA1', digits: 6, periodSeconds: 30 } as const

/** RFC 4226 §4 R6 asks for 160 bits. */
export const totpSecretBytes = 20

/** One step before and after: a phone's clock may be off by half a minute. */
const toleranceSeconds = totpParameters.periodSeconds

const totp = new TOTP({ algorithm: 'sha1', digits: totpParameters.digits, period: totpParameters.periodSeconds, crypto: new NobleCryptoPlugin(), base32: new ScureBase32Plugin() })

const base32 = new ScureBase32Plugin()

/** The secret as people type it: base32 (RFC 4648), without padding. */
export const totpSecretText = (secret: Uint8Array): string => base32.encode(secret, { padding: false })

/** The URI that a QR code shows, with the secret in it. */
export const otpauthUri = (secret: Uint8Array, { issuer, username }: { readonly issuer: string; readonly username: string }): string =>
  totp.toURI({ label: username, issuer, secret: totpSecretText(secret) })

/** The time step that a code belongs to; null: the code is of none that is near `now`. Whether it is spent is the row's to say. */
export async function matchTotpStep(code: Secret<string>, secret: Uint8Array, now: Date): Promise<number | null> {
  const token = canonicalCode(code.expose())
  if (token === null) return null
  const result = await totp.verify(token, { secret: totpSecretText(secret), epoch: Math.floor(now.getTime() / 1000), epochTolerance: toleranceSeconds })
  return result.valid ? result.timeStep : null
}

/** Six ASCII digits, however they were spelt: with blanks, hyphens or another script's digits. Null: not a code. */
export function canonicalCode(text: string): string | null {
  const digits = text.normalize('NFKC').replace(/[\s-]/gu, '').replace(/\p{Nd}/gu, asciiDigit)
  return /^[0-9]{6}$/.test(digits) ? digits : null
}

/** Unicode keeps each script's ten digits in one run that begins with its zero, and runs of runs are multiples of ten long. */
function asciiDigit(digit: string): string {
  const at = digit.codePointAt(0) ?? 0
  let run = 0
  while (/^\p{Nd}$/u.test(String.fromCodePoint(at - run - 1))) run += 1
  return String(run % 10)
}

/** How long until a code can be accepted that is not spent: when the step after the spent one begins. At least a second. */
export function secondsUntilFreshCode(spentStep: number, now: Date): number {
  return Math.max(1, Math.ceil((spentStep + 1) * totpParameters.periodSeconds - now.getTime() / 1000))
}
