import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** One mail as it came over the wire. */
export interface SunkMail {
  readonly to: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** The text, decoded. */
  readonly text: string
}

/** What the sink answers to a mail: takes it, refuses it with a reply code, or takes it and says so after a while. */
export type SinkAnswer = 'take' | { readonly code: number } | { readonly afterMilliseconds: number }

export interface MailSink {
  /** `smtp://…`, with the user's password. */
  readonly url: string
  readonly port: number
  readonly mails: readonly SunkMail[]
  /** How often a mail was sent completely, taken or not. */
  attempts(): number
  answer(how: SinkAnswer): void
  close(): Promise<void>
}

export interface MailSinkOptions {
  readonly host?: string
  readonly port?: number
  /** Whoever sends must log in as him. */
  readonly user?: { readonly name: string; readonly password: string }
  /** Offers TLS, by a certificate that nobody vouches for. */
  readonly startTls?: boolean
}

/** A real SMTP server (the package `smtp-server`) on loopback that keeps what it takes. */
export async function startMailSink({
  host = '127.0.0.1',
  port = 0,
  user,
  startTls = false,
}: MailSinkOptions = {}): Promise<MailSink> {
  const mails: SunkMail[] = []
  let attempts = 0
  let how: SinkAnswer = 'take'
  const server = new SMTPServer({
    logger: false,
    disabledCommands: [...(user === undefined ? ['AUTH'] : []), ...(startTls ? [] : ['STARTTLS'])],
    authOptional: user === undefined,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, answer) =>
      username === user?.name && password === user?.password ? answer(null, { user: username }) : answer(refusal(535)),
    onData: (stream, session, answer) => {
      const chunks: Buffer[] = []
      stream
        .on('data', (chunk: Buffer) => void chunks.push(chunk))
        .on('end', () => {
          attempts += 1
          const mail = parse(
            Buffer.concat(chunks).toString('utf8'),
            session.envelope.rcptTo.map(({ address }) => address),
          )
          if (typeof how === 'object' && 'code' in how) return answer(refusal(how.code))
          mails.push(mail)
          setTimeout(() => answer(), typeof how === 'object' ? how.afterMilliseconds : 0)
        })
    },
  })
  // a client that is killed in the middle is what some tests are about
  server.on('error', () => undefined)
  const listening = server.listen(port, host)
  await once(listening, 'listening')
  const { port: bound } = listening.address() as AddressInfo // a TCP server's address is never a path
  const login = user === undefined ? '' : `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`
  return {
    url: `smtp://${login}${host}:${bound}`,
    port: bound,
    mails,
    attempts: () => attempts,
    answer: (next) => {
      how = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}

const refusal = (responseCode: number): Error => Object.assign(new Error('refused by the sink'), { responseCode })

function parse(raw: string, to: readonly string[]): SunkMail {
  const [head = '', ...body] = raw.split('\r\n\r\n')
  const headers = Object.fromEntries(
    head
      .replaceAll(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
  )
  const text = body.join('\r\n\r\n')
  return {
    to,
    headers,
    text: headers['content-transfer-encoding'] === 'quoted-printable' ? decodeQuotedPrintable(text) : text,
  }
}

/** RFC 2045 §6.7. */
const decodeQuotedPrintable = (text: string): string => {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
