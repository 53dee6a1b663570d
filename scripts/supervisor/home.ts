import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** The places in a state directory. */
export interface Home {
  readonly directory: string
  readonly devFile: string
  readonly runFile: string
  readonly lockFile: string
  readonly postgres: string
  readonly temporalFile: string
  readonly keys: string
  readonly logs: string
}

const LOG_BYTES_MAX = 20_000_000
const PASSWORD_BYTES = 24

/** Makes the state directory, closed to everybody else. */
export const openHome = (path: string): Home => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  const directory = realpathSync(path)
  const home = {
    directory,
    devFile: join(directory, 'dev.json'),
    runFile: join(directory, 'run.json'),
    lockFile: join(directory, 'lock.db'),
    postgres: join(directory, 'postgres'),
    temporalFile: join(directory, 'temporal', 'temporal.db'),
    keys: join(directory, 'keys'),
    logs: join(directory, 'logs'),
  }
  for (const part of [home.postgres, join(directory, 'temporal'), home.keys, home.logs])
    mkdirSync(part, { recursive: true, mode: 0o700 })
  return home
}

/** Writes a file of ours whole or not at all, readable by us alone. */
export const writeWhole = (path: string, text: string): void => {
  writeFileSync(`${path}.unfinished`, text, { mode: 0o600 })
  renameSync(`${path}.unfinished`, path)
}

/** Reads a password kept in the state directory, making it the first time. */
export const keptPassword = (home: Home, name: string): string => {
  const path = join(home.keys, `${name}.password`)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  writeWhole(path, `${password}\n`)
  return password
}

/** Where a child's output goes: the file, and how long it was before this child wrote to it. */
export interface Log {
  readonly path: string
  readonly fd: number
  readonly from: number
}

/**
 * Opens a child's log for appending. The child writes to the file itself, so that nothing is lost when we are killed.
 */
export const openLog = (home: Home, name: string): Log => {
  const path = join(home.logs, `${name}.log`)
  if (sizeOf(path) > LOG_BYTES_MAX) renameSync(path, `${path}.1`)
  return { path, fd: openSync(path, 'a', 0o600), from: sizeOf(path) }
}

/** The last lines a child wrote since its log was opened. */
export const tailOf = (log: Pick<Log, 'path' | 'from'>, lines: number): string =>
  readFileSync(log.path).subarray(log.from).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
