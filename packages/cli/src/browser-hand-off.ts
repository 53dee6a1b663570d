import { hostname } from 'node:os'
import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { pause } from './clock.ts'
import { durationText } from '@gatehouse/kit'
import { openBrowser } from './open-browser.ts'
import { printable } from './printable.ts'
import { spin } from './spinner.ts'

type Start = Wire<'auth.deviceStart'>
type Poll = Wire<'auth.devicePoll'>

/** What is handed to a browser, and what its ends are called. */
export interface HandOff {
  readonly start: Start
  /** Ask the machine's own browser to open the page. */
  readonly browser: boolean
  readonly words: { readonly denied: string; readonly expired: string; readonly cancelled: string }
  /** The refusal that a denial or the end of the time is told as, and what helps. */
  readonly code: string
  readonly hint: string
}

/** A host name may be longer than what the page has room for. */
const HOSTNAME_CHARS_MAX = 60

/** What the page calls this program. */
export const clientName = (): string => `gatehouse on ${hostname().slice(0, HOSTNAME_CHARS_MAX)}`

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Has something decided in a browser, which may be on another machine (RFC 8628): shows address and code, and waits
 * until it was used. Ctrl-C ends it.
 */
export const handToBrowser = async (cli: Cli, client: Client, handOff: HandOff): Promise<Poll> => {
  showCode(cli, handOff.start)
  if (
    handOff.browser &&
    cli.terminal.interactive &&
    (await openBrowser(handOff.start.verificationUriComplete, cli.config.environment))
  )
    cli.terminal.talk('your browser was asked to open it\n')
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of stopSignals) process.once(signal, onSignal)
  try {
    return await poll({ cli, client, handOff, signal: stop.signal })
  } finally {
    for (const signal of stopSignals) process.off(signal, onSignal)
  }
}

/**
 * With `--quiet` the address is all the talk there is: without it nobody could go on. With `--json` it goes where talk
 * goes.
 */
const showCode = ({ terminal, options }: Cli, { verificationUri, verificationUriComplete, userCode }: Start): void => {
  if (options.quiet) return terminal.out(`${printable(verificationUriComplete)}\n`)
  terminal.talk(
    [
      'finish in a browser, on this machine or another:',
      '',
      `  ${printable(verificationUriComplete)}`,
      '',
      `or open ${printable(verificationUri)} and type the code ${printable(userCode)}`,
      'approve only if the page shows this code, and it was you who asked',
      '',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  )
}

interface Polling {
  readonly cli: Cli
  readonly client: Client
  readonly handOff: HandOff
  readonly signal: AbortSignal
}

const poll = async ({ cli, client, handOff, signal }: Polling): Promise<Poll> => {
  let intervalSeconds = handOff.start.intervalSeconds
  for (;;) {
    await waitFor(intervalSeconds, { cli, handOff, signal })
    const answer = await client.call('auth.devicePoll', { deviceCode: handOff.start.deviceCode }).catch(retryLater)
    if ('retryAfterSeconds' in answer) {
      intervalSeconds = Math.max(intervalSeconds, answer.retryAfterSeconds)
      continue
    }
    if (answer.state === 'used') return answer
    if (answer.state === 'denied' || answer.state === 'expired') throw ended(handOff, answer.state)
    intervalSeconds = answer.intervalSeconds
  }
}

/** Waits between two questions, with a sign of life; throws when there is nothing left to wait for. */
const waitFor = async (
  seconds: number,
  { cli, handOff, signal }: Pick<Polling, 'cli' | 'handOff' | 'signal'>,
): Promise<void> => {
  const left = (Date.parse(handOff.start.expiresAt) - cli.now().getTime()) / 1000
  if (left <= 0) throw ended(handOff, 'expired')
  const stop =
    cli.terminal.interactive && cli.terminal.colour
      ? spin(cli.terminal, `waiting for the browser · ${durationText(left)} left · Ctrl-C ends it`)
      : () => {}
  await pause(seconds * 1000, signal)
  stop()
  if (signal.aborted) throw new CliError({ code: 'fault', message: handOff.words.cancelled })
}

/** What passes by itself is waited for; everything else ends it. */
const retryLater = (error: unknown): { readonly retryAfterSeconds: number } => {
  if (!(error instanceof CliError) || (error.code !== 'rate-limited' && error.code !== 'unavailable')) throw error
  const seconds = error.details['retryAfterSeconds']
  return { retryAfterSeconds: typeof seconds === 'number' ? seconds : 0 }
}

const ended = ({ code, hint, words }: HandOff, state: 'denied' | 'expired'): CliError =>
  new CliError({ code, hint, message: words[state] })
