import { z } from 'zod'
import { Secret, secret } from './secret.ts'

/** RFC 3339 in UTC on the wire, `Date` inside. */
export const Instant = z
  .codec(z.iso.datetime({ offset: true }), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  })
  .meta({ id: 'Instant' })

/** Text on the wire, `Secret<string>` inside. At most 4 KiB: nothing we take or give as text is longer. */
export const SecretText = z
  .codec(z.string().max(4096), z.instanceof(Secret<string>), {
    decode: (text) => secret(text),
    encode: (value) => value.expose(),
  })
  .meta({ id: 'SecretText' })

/** An opaque id. */
export const Id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/, 'an id: letters, digits, - and _')

/** An id, or a name that stands for one. */
export const Reference = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name or an id')

/** A new name of a host, team or workspace: lower case, digits, `.`, `-`, `_`. */
export const Name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, ., - and _, starting with a letter or digit')

/** Why a credential is wanted; read by auditors. No control characters, so a log line stays a line. */
export const Purpose = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line of text')

/** Why something is taken away; read by auditors. */
export const Reason = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line of text')

/** How long a credential lives, in seconds. The bounds of each backend are its own configuration. */
export const TtlSeconds = z.int().min(1).max(31_536_000)

/**
 * Six digits as an authenticator shows them; spaces are taken out before the check, so a spelling is not a second code.
 */
export const TotpCode = SecretText

/**
 * A document of a ceremony (WebAuthn Level 3 §5.1.8 `…JSON`), passed on as the browser's and the server's libraries
 * make it; its parts are checked where it is used.
 */
export const WebauthnJson = z.record(z.string(), z.unknown()).meta({ id: 'WebauthnJson' })

/** What people call a thing of theirs. */
export const Label = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'one line of text')

/** CIDR or address, IPv4 or IPv6. */
export const Cidr = z.string().max(49).refine(isCidr, 'an address or a CIDR, such as 192.0.2.7 or 2001:db8::/48')

function isCidr(text: string): boolean {
  return z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(text).success
}

/** A page of a list. */
export const pageInput = { first: z.int().min(1).max(200).default(50), after: z.string().max(256).optional() } as const
