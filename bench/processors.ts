import { spawnSync } from 'node:child_process'

/** Which processors the sides of a comparison have. */
export interface Placement {
  /** Whether this process and the servers have one each; false: the system puts them where it likes. */
  readonly apart: boolean
  /** Gives them all processors back. */
  readonly end: () => void
}

const unplaced: Placement = { apart: false, end: () => undefined }

/**
 * Gives this process, which asks, one processor, and the servers that answer another. Where both share one, as the
 * system likes to have it of two that wait for each other in turns, the answer wakes nobody: the kernel hands over the
 * processor, and a route that does nothing takes half as long. No caller on another machine has that. By `taskset`
 * (util-linux); without it, or with one processor, nothing is changed.
 */
export function placeApart(servers: readonly number[]): Placement {
  const mine = processorsOf(process.pid)
  const [own, theirs] = mine
  if (own === undefined || theirs === undefined) return unplaced
  const isPlaced = place(process.pid, [own]) && servers.every((pid) => place(pid, [theirs]))
  const end = (): void => [process.pid, ...servers].forEach((pid) => place(pid, mine))
  if (isPlaced) return { apart: true, end }
  end()
  return unplaced
}

/** With each of its threads; those that it makes later are where they were made. */
const place = (pid: number, processors: readonly number[]): boolean =>
  taskset(['--all-tasks', '--cpu-list', '--pid', processors.join(','), String(pid)]) !== null

/** Empty: it cannot be told. */
function processorsOf(pid: number): readonly number[] {
  const list = /: ([\d,-]+)\s*$/.exec(taskset(['--cpu-list', '--pid', String(pid)]) ?? '')?.[1]
  if (list === undefined) return []
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}

function taskset(args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('taskset', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
  return status === 0 ? stdout : null
}
