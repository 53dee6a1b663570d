import { Socket } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { canonicalIp, shownText } from '@gatehouse/kit'
import { OutboundError, type Outbound } from '@gatehouse/kit/outbound'
import pg from 'pg'
import { BackendError, type BackendProblem } from '../backend-error.ts'
import { isThisMachine } from '../this-machine.ts'
import type { PostgresPlace } from './postgres-place.ts'

/** How a server is reached. */
export interface PostgresContact {
  readonly outbound: Outbound
  readonly place: PostgresPlace
  /** The certificate that is trusted instead of the system's; null: the system's are. */
  readonly authority: string | null
  /** For all of it: the name, the connection, the log-in and the work. */
  readonly secondsMax: number
}

/** One connection, for one piece of work. */
export type PostgresServer = pg.Client

/** More than any answer to a question of ours; a server that sends more means to fill our memory. */
const answerBytesMax = 16 * 1024 * 1024
const lookMilliseconds = 100

/** A server that waits for a lock of somebody else's is not waited for to the end. */
const lockMilliseconds = 5000
/** A transaction of a process of ours that died holds nothing longer. */
const idleMilliseconds = 30_000

/**
 * Runs one piece of work over a connection of its own, to the very address that the gate gave out. It ends in time: a
 * server that hangs, in whatever step, is left. Throws `BackendError` for everything that is the server's doing.
 */
export async function withServer<T>(
  contact: PostgresContact,
  work: (server: PostgresServer) => Promise<T>,
): Promise<T> {
  const { secondsMax } = contact
  const socket = new Socket()
  const late = new BackendError('unreachable', `the server was not done within ${secondsMax} s`)
  let cut: BackendError | null = null
  const end = (reason: BackendError): void => {
    cut ??= reason
    socket.destroy()
  }
  const timer = setTimeout(() => end(late), secondsMax * 1000)
  const look = setInterval(() => {
    if (socket.bytesRead > answerBytesMax) end(new BackendError('unfit', 'the server answers without an end'))
  }, lookMilliseconds)
  try {
    const address = await contact.outbound.locate(contact.place)
    if (socket.destroyed) throw late
    return await connected(contact, { address, socket }, work)
  } catch (error) {
    throw cut ?? problemOf(error)
  } finally {
    clearTimeout(timer)
    clearInterval(look)
    socket.destroy()
  }
}

async function connected<T>(
  { place, authority }: PostgresContact,
  { address, socket }: { readonly address: string; readonly socket: Socket },
  work: (server: PostgresServer) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: address,
    port: place.port,
    user: place.user,
    password: place.password.expose(),
    database: place.database,
    application_name: 'gatehouse',
    ssl: tlsOf(place, { address, authority }),
    stream: () => socket,
  })
  client.on('error', () => undefined) // what was cut is told by who waits for an answer
  await client.connect()
  // whatever its settings say of names and of waiting
  await client.query(
    `set search_path = pg_catalog; set lock_timeout = ${lockMilliseconds}; ` +
      `set idle_in_transaction_session_timeout = ${idleMilliseconds}`,
  )
  const done = await work(client)
  await client.end().catch(() => undefined)
  return done
}

function tlsOf(
  { host, tls }: PostgresPlace,
  { address, authority }: { readonly address: string; readonly authority: string | null },
): pg.ClientConfig['ssl'] {
  if (tls === 'never' && !isThisMachine(address))
    throw new BackendError('refused', 'without TLS only a server on this very machine is contacted: leave sslmode out')
  if (tls === 'never' || (tls === 'default' && isThisMachine(address))) return false
  return {
    ...(canonicalIp(host) === null ? { servername: host } : {}),
    ...(authority === null ? {} : { ca: authority }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // we go to an address; the certificate is the name's
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  }
}

/** Runs work in one transaction of the server. */
export async function inTransaction<T>(server: PostgresServer, work: () => Promise<T>): Promise<T> {
  await server.query('begin')
  try {
    const done = await work()
    await server.query('commit')
    return done
  } catch (error) {
    await server.query('rollback').catch(() => undefined)
    throw error
  }
}

/** The SQLSTATE of what a server answered; null: it was no answer of a server. */
export const stateOf = (error: unknown): string | null =>
  error instanceof pg.DatabaseError ? (error.code ?? null) : null

/** Wrong name, wrong password, or not let in from here. */
const refusedLogin = new Set(['28000', '28P01'])

/** True when a server does not take what we log in with. */
export const isRefusedLogin = (error: unknown): boolean =>
  error instanceof BackendError && refusedLogin.has(stateOf(error.cause) ?? '')

/** Longer words of a server's are not for a list. */
const wordsMax = 200

const wordsOf = (message: string): string => shownText(message).slice(0, wordsMax)

function problemOf(error: unknown): BackendError {
  if (error instanceof BackendError) return error
  if (error instanceof OutboundError)
    return new BackendError(error.reason === 'refused' ? 'refused' : 'unreachable', error.message, { cause: error })
  if (error instanceof pg.DatabaseError) return ofServer(error)
  const { code, message } = error as NodeJS.ErrnoException // whatever else a socket, TLS or the client throws
  const certificate = /certificate|self-signed|ssl|tls|altname/i.test(`${code} ${message}`)
  return certificate
    ? new BackendError('unfit', `the server is not trusted by TLS: ${wordsOf(message)}`, { cause: error })
    : new BackendError('unreachable', `the server does not answer: ${wordsOf(String(code ?? message))}`, {
        cause: error,
      })
}

/** Classes of SQLSTATE in which a server says that it cannot now. */
const unavailableClasses = ['08', '53', '57', '58', '55', '40']

function ofServer(error: pg.DatabaseError): BackendError {
  const state = error.code ?? ''
  const problem: BackendProblem = unavailableClasses.includes(state.slice(0, 2)) ? 'unreachable' : 'denied'
  return new BackendError(problem, `the server says: ${wordsOf(error.message)} (${state})`, { cause: error })
}
