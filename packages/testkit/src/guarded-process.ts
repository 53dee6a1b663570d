import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** A server that cannot outlive the process that started it. */
export interface GuardedProcess {
  readonly child: ChildProcess
  /** Resolves when it has ended, by itself or by `stop`. */
  readonly ended: Promise<void>
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>
}

/** What to run, as whom, where, and where its output goes. */
export interface GuardedCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly account?: { readonly uid: number; readonly gid: number } | null
  readonly log: number | 'ignore'
  readonly stopSignal: 'INT' | 'TERM'
}

// The shell reads from a pipe of ours, which closes when we end, even by SIGKILL; then it tells the server to stop.
// The server's end, however it came, ends the reader and the guard.
const GUARD = [
  'signal=$1; shift',
  '"$@" </dev/null 3<&- & server=$!',
  '{ read -r _ <&3; kill -s "$signal" $server 2>/dev/null; } & reader=$!',
  'wait $server; kill $reader 2>/dev/null; exit 0',
].join('\n')

/** Starts a server under a guard that stops it when this process ends for whatever reason. */
export const startGuarded = (spec: GuardedCommand): GuardedProcess => {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', spec.stopSignal, spec.command, ...spec.args], {
    cwd: spec.cwd,
    env: spec.env ?? process.env,
    detached: true, // a Ctrl-C on the terminal is for the test runner, which then stops its servers in order
    stdio: ['ignore', spec.log, spec.log, 'pipe'],
    ...(spec.account ? { uid: spec.account.uid, gid: spec.account.gid } : {}),
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return {
    child,
    ended,
    stop: async () => {
      child.stdio[3]?.destroy()
      await ended
    },
  }
}
