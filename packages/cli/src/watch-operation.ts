import type { Operation, SubscriptionName } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import { pause } from './clock.ts'
import { printableJson } from './printable.ts'
import { rowPrinter } from './show-output.ts'

/** Between two attempts to take a stream up again. */
const RECONNECT_MS = 1_000

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Prints what a subscription sends until Ctrl-C; takes it up again when the connection breaks. With `--json` each line
 * is one document.
 */
export const watchOperation = (operation: Operation, cli: Cli, input: unknown): Promise<number> =>
  watchStream({ operation, cli, inputNow: () => input, show: itemPrinter(cli, operation) })

/** A stream that is printed, whatever its items are. */
export interface WatchedStream {
  readonly operation: Operation
  readonly cli: Cli
  /** What it is asked with at this moment: a stream that is taken up again may go on where it was left. */
  readonly inputNow: () => unknown
  readonly show: (item: unknown) => void
  /** Aborted by who has seen enough; absent: only Ctrl-C ends it. */
  readonly enough?: AbortSignal
}

/** Shows what comes until Ctrl-C, and takes the stream up again when the connection breaks. */
export const watchStream = async (stream: WatchedStream): Promise<number> => {
  const { cli } = stream
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of stopSignals) process.once(signal, onSignal)
  // a reader that has gone wants no more
  cli.terminal.outEnded.addEventListener('abort', onSignal, { once: true })
  if (cli.terminal.outEnded.aborted) onSignal()
  stream.enough?.addEventListener('abort', onSignal, { once: true })
  const watching = { ...stream, signal: stop.signal }
  try {
    for (let first = true; !stop.signal.aborted; first = false) {
      if (!first) await pause(RECONNECT_MS, stop.signal)
      await readStream(watching, first ? 'first' : 'again')
    }
    return 0
  } finally {
    for (const signal of stopSignals) process.off(signal, onSignal)
  }
}

interface Watching extends WatchedStream {
  readonly signal: AbortSignal
}

/** Reads one connection to its end. What was refused stays refused; a broken line is only said. */
const readStream = async (
  { operation, cli, inputNow, signal, show }: Watching,
  time: 'first' | 'again',
): Promise<void> => {
  const client = await cli.client()
  try {
    // only subscriptions come here, with the input that their schema accepted
    for await (const item of client.subscribe(operation.name as SubscriptionName, inputNow() as never, signal)) {
      show(item)
      await taken(cli, signal)
    }
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof CliError && (time === 'first' || error.code !== 'unavailable')) throw error
    cli.terminal.talk('the connection broke; trying again\n')
  }
}

/** Waits until what was printed is out, so that a slow reader slows the stream down and does not fill the memory. */
const taken = async ({ terminal }: Cli, signal: AbortSignal): Promise<void> => {
  const settled = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: settled.signal })
  })
  await Promise.race([terminal.flush(), stopped]).finally(() => settled.abort())
}

/** Prints one item as the caller wants it: a row, or a document of one line. */
export const itemPrinter = (cli: Cli, operation: Operation): ((item: unknown) => void) => {
  if (cli.options.form === 'json') return (item) => cli.terminal.out(`${printableJson(item, 'one-line')}\n`)
  const print = rowPrinter(cli, operation)
  return (item) => print(item as Readonly<Record<string, unknown>>) // outputs of subscriptions are objects
}
