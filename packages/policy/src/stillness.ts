import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn } from './policy-source.ts'

/**
 * Looks at one and the same names, sizes and times, half a second apart, before what they stand for is taken to be
 * read. Some file systems tell the time in steps of two seconds: a write after the last of these looks has a later one.
 */
const looksMin = 6

/** Whether a policy directory is as it was when it was read, told without reading it. */
export interface Stillness {
  /** False: names, sizes or times differ, or have not been the same for long enough. */
  isStill(): Promise<boolean>
  /** To be told after the directory was read, begun after the last answer, and nothing is left to do about it. */
  wasRead(): void
}

/**
 * Follows the times of files and folders, as they lie behind links: a twentieth of what it takes to read them. Who can
 * set a clock back can hide an edit from it, and not from the look that reads everything.
 */
export function createStillness(path: string): Stillness {
  let [places, seen, looks]: [readonly string[], string, number] = [[], '', 0]
  return {
    isStill: async () => {
      // until it rests the names may be older than what was read
      if (looks < looksMin) places = await placesIn(path)
      const now = (await Promise.all(places.map(timesOf))).join('\n')
      if (now !== seen) [seen, looks] = [now, 0]
      return looks >= looksMin
    },
    wasRead: () => {
      looks += 1
    },
  }
}

async function placesIn(path: string): Promise<readonly string[]> {
  try {
    const { folders, files } = await namesIn(path)
    return [...folders, ...files].map((name) => join(path, name))
  } catch {
    return [path]
  }
}

/** What changes with every write: the change time cannot be set by who writes. */
async function timesOf(place: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(place)
    return `${place} ${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return `${place} unread`
  }
}
