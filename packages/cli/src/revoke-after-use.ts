import { durationText } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import { pause } from './clock.ts'
import { givenToken, isOfEmergency } from './given-token.ts'
import { printable } from './printable.ts'

/** A credential that was made for one program, and how to take it away. */
export interface UsedCredential {
  /** As people call it. */
  readonly kind: string
  readonly endsAt: Date
  readonly revoke: (reason: string) => Promise<unknown>
  /** What a person types where we could not. */
  readonly revokeCommand: string
}

/** A gateway that restarts is back within this. */
const REVOKE_ATTEMPTS_MAX = 3
const REVOKE_PAUSE_MS = 1_000

/** Longer than this nobody waits at a prompt; the credential has its own end. */
const REVOKE_WAIT_MS_MAX = 15_000

/**
 * Takes the credential away. Failing is said with what is left to do, and does not change the exit code, which is the
 * program's.
 */
export const revokeAfterUse = async (cli: Cli, credential: UsedCredential, reason: string): Promise<void> => {
  const late = new AbortController()
  const failure = await Promise.race([
    attemptRevocation(credential, reason),
    pause(REVOKE_WAIT_MS_MAX, late.signal).then(
      () => new CliError({ code: 'unavailable', message: 'no answer in time' }),
    ),
  ]).finally(() => late.abort())
  if (failure === null) return cli.terminal.talk('revoked\n')
  if (await isEndedWithEmergency(cli, failure))
    return cli.terminal.talk(`the emergency session has ended, and the ${credential.kind} ends with it\n`)
  const left = durationText((credential.endsAt.getTime() - cli.now().getTime()) / 1000)
  // said even with --quiet: a credential that outlives what it was made for is not talk
  process.stderr.write(
    `gatehouse: the ${credential.kind} was not revoked: ${printable(failure.message)} · ` +
      `it ends by itself in ${left} · ${printable(credential.revokeCommand)}\n`,
  )
}

/** Its own end takes away what was issued under an emergency session, and then its token takes away nothing more. */
async function isEndedWithEmergency({ config }: Cli, failure: Error): Promise<boolean> {
  if (!(failure instanceof CliError) || failure.code !== 'unauthenticated') return false
  const given = await givenToken(config)
  return given !== null && isOfEmergency(given)
}

/** Null once the credential is dead, also when it was before. */
const attemptRevocation = async ({ revoke: send }: UsedCredential, reason: string): Promise<Error | null> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send(reason)
      return null
    } catch (error) {
      if (error instanceof CliError && error.code === 'lease-ended') return null
      const passing = error instanceof CliError && error.code === 'unavailable'
      if (!passing || attempt === REVOKE_ATTEMPTS_MAX) return error instanceof Error ? error : new Error(String(error))
      await pause(REVOKE_PAUSE_MS)
    }
  }
}
