import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { isatty } from 'node:tty'

/** As a shell says it: 128 and the signal's number where a signal ended it. */
export const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

/** A program, which has a number, or whatever else of ours ends when it is told so. */
export type Stoppable = Pick<ChildProcess, 'kill'> & Partial<Pick<ChildProcess, 'pid'>>

/**
 * A terminal tells all programs that stand in the foreground of Ctrl-C, ours and what it has started. Told twice, many
 * give up their work where they would have ended it (`terraform`: two interrupts received).
 */
const hearsByItself = ({ pid }: Stoppable, signal: NodeJS.Signals): boolean =>
  signal === 'SIGINT' && pid !== undefined && [0, 1, 2].some((stream) => isatty(stream))

/** Signals that would end this process, and what they are passed on to. */
export interface StopSignals {
  readonly caught: () => NodeJS.Signals | null
  readonly passTo: (child: Stoppable) => void
  readonly release: () => void
}

/** From the call on we outlive these signals: they end the program, and then what it was given is taken away. */
export const catchSignals = (): StopSignals => {
  let caught: NodeJS.Signals | null = null
  let child: Stoppable | null = null
  const onSignal = (signal: NodeJS.Signals): void => {
    caught = signal
    if (child !== null && !hearsByItself(child, signal)) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  return {
    caught: () => caught,
    passTo: (started) => {
      child = started
    },
    release: () => {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
