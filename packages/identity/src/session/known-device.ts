import { createHash } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { HandlerDeps } from '../shared/deps.ts'
import { demandsAuthenticator } from './demanded.ts'
import { forgetDevice, insertKnownDevice } from './known-device.queries.ts'

/** A typed prefix, so that scanners of leaked secrets know one when they see it. */
const prefix = 'ghd_'

/** 256 bits: not to be guessed, so a fast hash is enough to look it up by. */
const randomBytes = 32

const form = new RegExp(`^${prefix}[A-Za-z0-9_-]{43}$`)

/**
 * A device that nobody has logged in with for a quarter of a year is a stranger again. The browser's cookie lives as
 * long.
 */
const knownDays = 90

/**
 * More browsers than anybody uses; each has guesses of its own, so their number bounds what stolen ones are good for.
 */
const devicesMax = 10

/** The hash to look a presented secret up by; null: none, or not one of ours. */
export function deviceHash(given: Secret<string> | null | undefined): Buffer | null {
  const text = given?.expose() ?? ''
  return form.test(text) ? createHash('sha256').update(text).digest() : null
}

/** A log-in that is being finished. */
export interface FinishedLogin {
  readonly userId: string
  readonly sessionId: string
  readonly assurance: 'pw' | 'mfa'
  /** What the device showed of itself. */
  readonly device: Secret<string> | null | undefined
}

/**
 * Gives the device of a finished log-in a secret of its own, a new one each time, so that nobody can plant one that
 * they knows (threat A13). Null: the log-in is not finished while a role still demands an authenticator.
 */
export async function rememberDevice(
  tx: Transaction,
  deps: HandlerDeps,
  login: FinishedLogin,
): Promise<Secret<string> | null> {
  if (login.assurance === 'pw' && (await demandsAuthenticator(tx, await deps.settings.within(tx), login.userId)))
    return null
  const now = deps.clock.now()
  const before = deviceHash(login.device)
  if (before !== null) await forgetDevice(tx, { hash: before, userId: login.userId })
  const fresh = secret(prefix + Buffer.from(deps.random.bytes(randomBytes)).toString('base64url'))
  const hash = createHash('sha256').update(fresh.expose()).digest()
  await insertKnownDevice(
    tx,
    {
      hash,
      userId: login.userId,
      sessionId: login.sessionId,
      now,
      expiresAt: new Date(now.getTime() + knownDays * 86_400_000),
    },
    devicesMax,
  )
  return fresh
}
