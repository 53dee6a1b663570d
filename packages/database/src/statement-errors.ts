import { UnavailableError } from '@gatehouse/kit'
import pg from 'pg'
import { isPlainRead } from './alike-statements.ts'
import { askByName, isNamed } from './ask-by-name.ts'

/** PostgreSQL's codes (Appendix A of its manual). */
const codes = {
  /** A statement found no room, and its transaction is undone. */
  diskFull: '53100',
  /** A statement took longer than it may, and its transaction is undone. */
  tookTooLong: '57014',
  /** A session that the server ended since nothing was asked in it. */
  idleSession: '57P05',
  /** The connection (class 08), a server that stops or starts, and a transaction that its process left alone. */
  lost: /^(08...|57P0[123]|25P03)$/,
} as const

/** A client of ours reads a statement's answer for so long and no longer; the driver has no code for that. */
const readTimeout = 'Query read timeout'

/**
 * Lets the statements of a connection fail by what is behind it: a full disk, which somebody can do something about; a
 * connection that is lost, which refuses a caller and is no fault of ours; and what the server said when it ended the
 * session while nothing was asked in it, of which the driver tells the next statement nothing.
 */
export function tellReasons(client: pg.PoolClient): void {
  let ended: Error | null = null
  /** What befell the first statement says it for all after it: on this connection there is nothing more to learn. */
  let lost: UnavailableError | null = null
  // unheard, this event would end the process
  client.on('error', (error) => {
    ended ??= error
  })
  const isLost = (reason: unknown): boolean =>
    reason instanceof pg.DatabaseError
      ? codes.lost.test(reason.code ?? '')
      : ended !== null || lost !== null || isTooLate(reason)
  const refuse = (cause: unknown, mayBeDone: boolean): never => {
    const reason = cause instanceof pg.DatabaseError ? cause : (ended ?? cause)
    if (!isLost(reason)) return refuseUndone(reason)
    if (isTooLate(reason)) void client.end() // it would be lent again, with an answer to come
    lost ??= new UnavailableError('the connection to the database was lost', { cause: reason, mayBeDone })
    throw lost
  }
  const telling = (...args: readonly unknown[]): unknown => {
    const [asked] = args
    const mayBeDone = ended === null && changesByItself(textOf(asked), client.getTransactionStatus())
    const answer: unknown = isNamed(asked)
      ? askByName(client, asked)
      : Reflect.apply(pg.Client.prototype.query, client, args) // of many forms, all kept
    return answer instanceof Promise ? answer.catch((cause: unknown) => refuse(cause, mayBeDone)) : answer
  }
  client.query = telling as typeof client.query
}

const textOf = (asked: unknown): string =>
  typeof asked === 'object' && asked !== null && 'text' in asked ? String(asked.text) : String(asked)

/**
 * Whether something stays if this statement is done. What is done within a transaction is undone with the connection;
 * the commit itself, and what changes something outside of one, may have come before its end.
 */
const changesByItself = (text: string, transaction: string | null): boolean =>
  transaction === 'T' ? text === 'commit' : transaction === 'I' && !opensOrReads(text)

const opensOrReads = (text: string): boolean => /^(begin|start transaction)\b/.test(text) || isPlainRead(text)

const isTooLate = (cause: unknown): boolean => cause instanceof Error && cause.message === readTimeout

/** Why the database undid a statement, where that is no fault of ours. */
const undone: Readonly<Record<string, string>> = {
  [codes.diskFull]: 'the disk of the database is full: make room there; nothing was changed, and it goes on by itself',
  [codes.tookTooLong]: 'the database took too long, for it is busy or a row is held; nothing was changed: try again',
}

function refuseUndone(cause: unknown): never {
  const hint = cause instanceof pg.DatabaseError ? undone[cause.code ?? ''] : undefined
  if (hint === undefined) throw cause
  throw new UnavailableError(hint.split(/[:,;]/, 1)[0] ?? hint, { cause, hint })
}

/** Whether the server ended a session of which it had heard nothing for as long as its limit says (57P05). */
export const wasSilentTooLong = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === codes.idleSession
