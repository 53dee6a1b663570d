import type { Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { pause } from './clock.ts'
import { printable } from './printable.ts'

/** What is renewed while a program lives. */
export interface Renewing {
  readonly client: Client
  readonly lease: Wire<'lease.get'>
  readonly ttlSeconds: number | undefined
  /** Aborted once the program has ended. */
  readonly ended: AbortSignal
}

/** A gateway that restarts has the rest of the time to come back, which is as long again as it needs. */
const partOfTimeLeft = 2 / 3

/** Nobody asks more often. */
const PAUSE_SECONDS_MIN = 1

/** Has a lease live on while a program does, up to its maximum. Never throws: the program is what people run. */
export async function renewWhile(cli: Cli, { client, lease, ttlSeconds, ended }: Renewing): Promise<void> {
  const secondsLeft = (): number => (new Date(current.expiresAt).getTime() - cli.now().getTime()) / 1000
  let current = lease
  while (current.renewableUntil !== null && current.expiresAt < current.renewableUntil) {
    await pause(Math.max(PAUSE_SECONDS_MIN, secondsLeft() * partOfTimeLeft) * 1000, ended)
    if (ended.aborted) return
    try {
      current = await client.call('lease.renew', { id: lease.id, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) })
    } catch (error) {
      const passing = error instanceof CliError && ['unavailable', 'rate-limited', 'conflict'].includes(error.code)
      if (passing && secondsLeft() > 0) continue
      return cli.terminal.talk(notRenewed(error, secondsLeft()))
    }
  }
}

const notRenewed = (error: unknown, secondsLeft: number): string => {
  const why = error instanceof Error ? printable(error.message) : 'it failed'
  return `not renewed: ${why} · the credential ends in ${durationText(Math.max(0, secondsLeft))}\n`
}
