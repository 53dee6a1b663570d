import { canonicalIp } from '@gatehouse/kit'
import { z } from 'zod'
import { isCursor } from './page.ts'
import { personal } from './personal.ts'
import { isPosition } from './sorting.ts'
import { Secret, secret } from './secret.ts'
import { lineOf, reasonOf, textOf, wholeNumber } from './text.ts'

/** RFC 3339 in UTC on the wire, `Date` inside. */
export const Instant = z
  .codec(z.iso.datetime({ offset: true }), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  })
  .meta({ id: 'Instant' })

/** Nothing that we take or give as a secret text is longer: 4 KiB. */
const secretLengthMax = 4096

/** PostgreSQL, argon2 and JOSE disagree about these two; a secret with them would be another one elsewhere. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/**
 * Text on the wire, `Secret<string>` inside. A secret is bytes in its own form: it is neither composed nor searched for
 * characters, for it is never shown beside other text.
 */
export const SecretText = z
  .codec(
    z
      .string({ error: (issue) => (issue.input === undefined ? 'required' : 'text') })
      .max(secretLengthMax, { error: `at most ${secretLengthMax} characters` })
      .refine(isStorable, { error: 'text without U+0000 and without half characters' }),
    z.instanceof(Secret<string>),
    { decode: (text) => secret(text), encode: (value) => value.expose() },
  )
  .meta({ id: 'SecretText' })

/** An opaque id. */
export const Id = textOf({
  what: 'an id: letters, digits, - and _, at most 64 characters',
  charactersMax: 64,
  form: (text) => /^[A-Za-z0-9_-]+$/.test(text),
})

/** Why a credential is wanted; read by auditors. */
export const Purpose = personal(reasonOf(200))

/** Why something is taken away; read by auditors. */
export const Reason = personal(reasonOf(500))

/** The same where there may be none: an empty one takes away what was there. */
export const ReasonOrNone = personal(reasonOf(500, { orNone: true }))

/** What a thing is for; may be empty. It may name people: an entry only commits to it. */
export const Description = personal(lineOf(200, { charactersMin: 0 }))

/** The number of a ticket elsewhere. */
export const Ticket = personal(lineOf(100))

/** What people call a thing of theirs. A name: nothing in it that cannot be seen, and no blanks around it. */
export const Label = personal(
  textOf({ what: 'one line of text, at most 100 characters', charactersMax: 100, fold: (text) => text.trim() }),
)

/** Mail servers take no longer address (RFC 5321 §4.5.3.1.3, erratum 1690). */
const emailLengthMax = 254

const emailForm = z.email()
const emailRule = {
  what: 'an e-mail address such as ada@example.org',
  charactersMax: emailLengthMax,
  form: (text: string) => emailForm.safeParse(text).success,
} as const
export const Email = personal(textOf(emailRule))
/** An address, or nothing to take the old one away. */
export const EmailOrNone = personal(textOf({ ...emailRule, orNone: true }))

/** How long a credential lives, in seconds. The bounds of each backend are its own configuration. */
export const TtlSeconds = wholeNumber({ min: 1, max: 31_536_000, unit: 'seconds' })

/**
 * Six digits as an authenticator shows them; spaces are taken out before the check, so a spelling is not a second code.
 */
export const TotpCode = SecretText

/** Deeper than any ceremony's document, and far from what a parser or a log would choke on. */
const documentDepthMax = 8

/** What browsers and authenticators make, with attestation chains, stays below 32 KiB. */
const documentLengthMax = 65_536

/** Every text of a document is well-formed, nothing in it is named like an object's own machinery. */
const isPlainDocument = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth >= documentDepthMax) return false
  return Object.entries(value).every(
    ([key, part]) => key !== '__proto__' && isStorable(key) && isPlainDocument(part, depth + 1),
  )
}

/**
 * A document of a ceremony (WebAuthn Level 3 §5.1.8 `…JSON`), passed on as the browser's and the server's libraries
 * make it; its parts are checked where it is used.
 */
export const WebauthnJson = z
  .record(z.string(), z.unknown(), {
    error: (issue) => (issue.input === undefined ? 'required' : 'the JSON object that the browser made'),
  })
  .refine((document) => isPlainDocument(document) && JSON.stringify(document).length <= documentLengthMax, {
    error: 'the JSON object that the browser made',
  })
  .meta({ id: 'WebauthnJson' })

const addressForm = z.union([z.ipv4(), z.ipv6()])
const rangeForm = z.union([addressForm, z.cidrv4(), z.cidrv6()])

/** CIDR or address, IPv4 or IPv6. */
export const Cidr = textOf({
  what: 'an address or a range of addresses, such as 192.0.2.7 or 2001:db8::/48',
  charactersMax: 49,
  form: (text) => rangeForm.safeParse(text).success,
})

/** One address, in the spelling in which the audit log has it. */
export const Ip = personal(
  textOf({
    what: 'an address such as 192.0.2.7 or 2001:db8::7',
    charactersMax: 45,
    fold: (text) => canonicalIp(text.trim().toLowerCase()) ?? text,
    form: (text) => addressForm.safeParse(text).success,
  }),
)

/** A public key in OpenSSH's one line; room for RSA of 8192 bits. */
export const PublicKeyLine = textOf({
  what: 'a public key as OpenSSH writes it, one line such as ssh-ed25519 AAAA…',
  charactersMax: 2048,
  fold: (text) => text.trim(),
})

/** Of a key, as OpenSSH says it. */
export const SshFingerprint = textOf({
  what: 'a fingerprint as `ssh-keygen -l` prints it: SHA256: and 43 characters',
  charactersMax: 50,
  form: (text) => /^SHA256:[A-Za-z0-9+/]{43}$/.test(text),
})

/** Where a list goes on: `nextCursor` or `endCursor` of an earlier page. By names, it holds that of the last one. */
export const After = personal(
  textOf({
    what: 'a cursor from an earlier page',
    charactersMax: 2048,
    form: (text) => isCursor(text) || isPosition(text),
  }),
)

/** The largest page: what one answer and one screen can hold. */
export const pageSizeMax = 200
/** Items of a page that nobody said the size of. */
export const pageSizeDefault = 50

/** A page of a list. */
export const pageInput = {
  first: wholeNumber({ min: 1, max: pageSizeMax }).default(pageSizeDefault),
  after: After.optional(),
} as const
