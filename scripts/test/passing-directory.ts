import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isRunning } from '@gatehouse/testkit/servers'
import type { ProcessIdentity } from '@gatehouse/testkit/servers'

/** Short: the paths of sockets lie below it, and have a hundred bytes. */
const PREFIX = 'gh-'
/** Says which run a directory is of. */
const OWNER = 'run.json'

/**
 * Makes the directory below `place` for what a run throws away, and removes those of runs that were killed: in memory
 * nothing else would before the machine is started again.
 */
export const makePassingDirectory = (place: string): string => {
  for (const left of leftBehind(place)) rmSync(left, { recursive: true, force: true })
  const path = mkdtempSync(join(place, PREFIX))
  writeFileSync(join(path, OWNER), JSON.stringify(identifyProcess(process.pid)))
  chmodSync(path, 0o755) // accounts of tests on real servers walk through it
  return path
}

const leftBehind = (place: string): readonly string[] =>
  readdirSync(place)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(place, name))
    .filter(isOfEndedRun)

const isOfEndedRun = (path: string): boolean => {
  try {
    const owner = JSON.parse(readFileSync(join(path, OWNER), 'utf8')) as ProcessIdentity // written above
    return statSync(path).uid === process.getuid?.() && !isRunning(owner)
  } catch {
    return false // not ours, or just being made
  }
}
