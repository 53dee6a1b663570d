import { spawnSync } from 'node:child_process'

/** Cores by their numbers, as `taskset` reads them. */
export interface Cores {
  /** One core. */
  readonly servers: string
  /** All others; the same one where there is no other. */
  readonly client: string
  readonly all: string
}

/** The cores that this process may use; null: the machine has no `taskset`, and processes stay where they are. */
export function findCores(): Cores | null {
  const { stdout } = spawnSync('taskset', ['--cpu-list', '--pid', String(process.pid)], { encoding: 'utf8' })
  const all = /: ([\d,-]+)\s*$/.exec(stdout ?? '')?.[1]
  if (all === undefined) return null
  const numbers = all.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  const [first, ...others] = numbers
  return { servers: String(first), client: others.length === 0 ? String(first) : others.join(','), all }
}

/** Moves this process, with all its threads, to these cores: what it starts from now on is there as well. */
export function moveTo(cores: string): void {
  const { status, stderr } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(process.pid)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new TypeError(`this process could not be moved to core ${cores}: ${stderr}`)
}
