import { hostname } from 'node:os'
import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { pause } from './clock.ts'
import { durationText } from './durations.ts'
import { openBrowser } from './open-browser.ts'
import { printable } from './printable.ts'
import { spin } from './spinner.ts'

type Tokens = Wire<'auth.refresh'>['tokens']

/** A host name may be longer than what the page has room for. */
const HOSTNAME_CHARS_MAX = 60

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Logs in by a browser, which may be on another machine (RFC 8628): shows address and code, waits until somebody there decides. Ctrl-C ends it. */
export const deviceLogin = async (cli: Cli, client: Client, { browser }: { readonly browser: boolean }): Promise<Tokens> => {
  const start = await client.call('auth.deviceStart', { client: `gatehouse on ${hostname().slice(0, HOSTNAME_CHARS_MAX)}` })
  showCode(cli, start)
  if (browser && cli.terminal.interactive && await openBrowser(start.verificationUriComplete, cli.config.environment)) cli.terminal.talk('your browser was asked to open it\n')
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of stopSignals) process.once(signal, onSignal)
  try {
    return await poll({ cli, client, start, signal: stop.signal })
  } finally {
    for (const signal of stopSignals) process.off(signal, onSignal)
  }
}

/** With `--quiet` the address is all the talk there is: without it nobody could go on. */
const showCode = ({ terminal, options }: Cli, { verificationUri, verificationUriComplete, userCode }: Wire<'auth.deviceStart'>): void => {
  if (options.quiet) return terminal.out(`${printable(verificationUriComplete)}\n`)
  terminal.talk([
    'finish in a browser, on this machine or another:', '',
    `  ${printable(verificationUriComplete)}`, '',
    `or open ${printable(verificationUri)} and type the code ${printable(userCode)}`,
    'approve only if the page shows this code, and it was you who asked', '',
  ].map((line) => `${line}\n`).join(''))
}

interface Polling {
  readonly cli: Cli
  readonly client: Client
  readonly start: Wire<'auth.deviceStart'>
  readonly signal: AbortSignal
}

const poll = async ({ cli, client, start, signal }: Polling): Promise<Tokens> => {
  let intervalSeconds = start.intervalSeconds
  for (;;) {
    await waitFor(intervalSeconds, { cli, start, signal })
    const answer = await client.call('auth.devicePoll', { deviceCode: start.deviceCode }).catch(retryLater)
    if ('retryAfterSeconds' in answer) {
      intervalSeconds = Math.max(intervalSeconds, answer.retryAfterSeconds)
      continue
    }
    if (answer.tokens !== null) return answer.tokens
    refuseEnd(answer.state)
    intervalSeconds = answer.intervalSeconds
  }
}

/** Waits between two questions, with a sign of life; throws when there is nothing left to wait for. */
const waitFor = async (seconds: number, { cli, start, signal }: Pick<Polling, 'cli' | 'start' | 'signal'>): Promise<void> => {
  const left = (Date.parse(start.expiresAt) - cli.now().getTime()) / 1000
  if (left <= 0) throw ended('expired')
  const stop = cli.terminal.interactive && cli.terminal.colour ? spin(cli.terminal, `waiting for the browser · ${durationText(left)} left · Ctrl-C ends it`) : () => {}
  await pause(seconds * 1000, signal)
  stop()
  if (signal.aborted) throw new CliError({ code: 'fault', message: 'cancelled; you are not logged in' })
}

/** What passes by itself is waited for; everything else ends it. */
const retryLater = (error: unknown): { readonly retryAfterSeconds: number } => {
  if (!(error instanceof CliError) || (error.code !== 'rate-limited' && error.code !== 'unavailable')) throw error
  const seconds = error.details['retryAfterSeconds']
  return { retryAfterSeconds: typeof seconds === 'number' ? seconds : 0 }
}

const refuseEnd = (state: Wire<'auth.devicePoll'>['state']): void => {
  if (state === 'denied' || state === 'expired' || state === 'used') throw ended(state)
}

const ended = (state: 'denied' | 'expired' | 'used'): CliError =>
  new CliError({
    code: 'unauthenticated', hint: 'gatehouse auth login',
    message: { denied: 'the log-in was denied in the browser', expired: 'nobody approved the log-in in time', used: 'this log-in was used already' }[state],
  })
