import type { Secret } from '@gatehouse/contract'
import { MailError, type Mailer } from './mailer.ts'

export interface SmtpSettings {
  /** `smtp://` (STARTTLS) or `smtps://`, with user and password where the server wants them. */
  readonly url: Secret<string>
  /** Who the mails are from. */
  readonly from: string
  /** The domain of message ids. */
  readonly domain: string
  /** Speaks in clear to a server that offers no TLS. To this very machine that is always allowed. */
  readonly allowPlaintext: boolean
}

/** A server that says nothing for so long is not there. */
const silenceMilliseconds = 15_000
/**
 * One mail, from the first byte to the last. INVARIANT: shorter than a claim on it, so that no two processes send one
 * knowingly.
 */
const sendMillisecondsMax = 60_000

const portOf: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 }
const thisMachine: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Sends by SMTP (RFC 5321), one connection per mail. */
export function createSmtpMailer({ url, from, domain, allowPlaintext }: SmtpSettings): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url.expose())
  const secure = protocol === 'smtps:'
  const isHere = thisMachine.has(hostname)
  const options = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? portOf[protocol] : Number(port),
    secure,
    // a server in the middle that hides STARTTLS must not get invitations in clear
    requireTLS: !secure && !allowPlaintext && !isHere,
    // what never leaves this machine needs no certificate, and a local server's is nobody's
    ignoreTLS: isHere,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: 'TLSv1.2' as const },
    connectionTimeout: silenceMilliseconds,
    greetingTimeout: silenceMilliseconds,
    socketTimeout: silenceMilliseconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  return {
    send: async ({ id, to, subject, text }) => {
      const { createTransport } = await import('nodemailer') // loaded with the first mail: most processes send none
      try {
        await createTransport(options).sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(sendMillisecondsMax),
        })
        return 'taken'
      } catch (error) {
        if (isRefusedForGood(error)) return 'refused'
        // no cause: the library's errors quote addresses and replies
        throw new MailError(`the mail server did not take a mail: ${codeOf(error)}`)
      }
    },
  }
}

interface SmtpFailure {
  readonly code?: unknown
  readonly responseCode?: unknown
  readonly permanent?: unknown
}

const failureOf = (error: unknown): SmtpFailure => (typeof error === 'object' && error !== null ? error : {})

/**
 * What concerns this mail alone: its address or its text. A server that refuses us altogether may take the same mail
 * tomorrow.
 */
function isRefusedForGood(error: unknown): boolean {
  const { code, permanent } = failureOf(error)
  return permanent === true && (code === 'EENVELOPE' || code === 'EMESSAGE')
}

function codeOf(error: unknown): string {
  const { code, responseCode } = failureOf(error)
  return (
    [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ') ||
    'unknown reason'
  )
}
