import { readFileSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'

/** What is known of a directory that lies in memory, and of the memory it takes from. Sizes are bytes. */
export interface MemoryDirectory {
  /** The lines of /proc/mounts. */
  readonly mounts: string
  readonly free: number
  readonly memory: number
}

/** What a run has in passing at any time, several times over: 0.4 GiB were measured. */
const WRITTEN_BYTES_MAX = 2 * 2 ** 30
/** What its processes need beside that: five test files, their gateways, workers and browsers. */
const PROCESSES_BYTES = 6 * 2 ** 30

const inMemory = '/dev/shm'

/**
 * Where tests write what is thrown away: in memory where there is plenty of it, since making and removing two hundred
 * databases of a thousand files each is a tenth of a run's work on a disk and a hundredth in memory. Full volumes write
 * more than memory has.
 */
export const temporaryPlace = (volume: string): string =>
  volume === 'sample' && process.platform === 'linux' && isRoomy(lookAt(inMemory)) ? inMemory : tmpdir()

/** Whether a run fits: a file system in memory, from which programs may be started, with room for what tests leave. */
export const isRoomy = ({ mounts, free, memory }: MemoryDirectory): boolean => {
  const mount = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, path]) => path === inMemory)
  if (mount === undefined) return false
  const [, , type, options = ''] = mount
  return (
    type === 'tmpfs' &&
    !options.split(',').includes('noexec') &&
    free >= WRITTEN_BYTES_MAX &&
    memory >= WRITTEN_BYTES_MAX + PROCESSES_BYTES
  )
}

const lookAt = (path: string): MemoryDirectory => {
  try {
    const { bavail, bsize } = statfsSync(path)
    const memory = Math.min(freemem(), process.constrainedMemory() || Infinity)
    return { mounts: readFileSync('/proc/mounts', 'utf8'), free: bavail * bsize, memory }
  } catch {
    return { mounts: '', free: 0, memory: 0 }
  }
}
