import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

/** As a shell says it: 128 and the signal's number where a signal ended it. */
export const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

/** A program, or whatever else ends when it is told so. */
export type Stoppable = Pick<ChildProcess, 'kill'>

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
    child?.kill(signal)
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
