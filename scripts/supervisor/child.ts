import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { identifyProcess } from '@gatehouse/testkit/servers'
import type { ProcessIdentity } from '@gatehouse/testkit/servers'
import type { Log } from './home.ts'
import { StartError } from './settings.ts'
import type { ServiceName } from './run-record.ts'

/** A child of the supervisor, from its spawning to its end. */
export interface Running {
  readonly process: ChildProcess
  readonly identity: ProcessIdentity
  readonly log: Log
  /** Resolves, with how it ended, once it has. */
  readonly ended: Promise<string>
  /** Resolves once it serves; rejects when it does not in time. */
  readonly ready: Promise<void>
  /** Resolves, in words, when a process that runs does nothing any more; absent: its end is all there is to hear. */
  readonly silent?: () => Promise<string>
}

/** One thing the supervisor keeps running. */
export interface Service {
  readonly name: ServiceName
  /** What must be up before it is started, and whose death excuses its own. */
  readonly needs: readonly ServiceName[]
  /** All that takes time before the process can be spawned. */
  prepare(): Promise<void>
  /** Spawns it in this very turn. */
  spawn(): Running
}

/** What to spawn. */
export interface ChildCommand {
  readonly name: ServiceName
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly account?: { readonly uid: number; readonly gid: number } | null
  readonly log: Log
  /** `tied`: it ends when its standard input closes, and talks to us; `free`: it outlives us. */
  readonly bond: 'tied' | 'free'
}

/** Spawns a child in a process group of its own: a Ctrl-C on the terminal is for us, who stop the children in order. */
export const spawnChild = (command: ChildCommand): Omit<Running, 'ready' | 'silent'> => {
  const { fd } = command.log
  const child = spawn(command.command, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: command.bond === 'tied' ? ['pipe', fd, fd, 'ipc'] : ['ignore', fd, fd],
    ...(command.account ? { uid: command.account.uid, gid: command.account.gid } : {}),
  })
  closeSync(fd)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`))
  })
  // A pipe into a child that was killed breaks, which its exit tells us already.
  child.stdin?.on('error', () => undefined)
  const identity = child.pid === undefined ? null : identifyProcess(child.pid)
  if (child.pid === undefined)
    throw new StartError(`${command.name} could not be started: \`${command.command}\` does not run`)
  // It may have ended within these microseconds; then this identity matches no process ever, and `ended` says the rest.
  return { process: child, identity: identity ?? { pid: child.pid, startedAt: 'ended' }, log: command.log, ended }
}
