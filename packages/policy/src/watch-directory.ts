import { watch, type FSWatcher } from 'node:fs'
import { createStillness } from './stillness.ts'

/**
 * A rename or a symlink swap above the directory escapes every watch; looking this often finds it, and leaves a second
 * and a half to validate it in: an edit is in force within two.
 */
const pollMilliseconds = 500
/** A save is often several events. */
const settleMilliseconds = 50

/**
 * Calls `look` soon after something moves under `path`, and twice a second besides until it answers, for a directory
 * that rests, that nothing is left to do. It must not throw.
 */
export function watchDirectory(path: string, look: () => Promise<boolean>): { close(): void } {
  let settling: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(settling)
    settling = setTimeout(() => void look(), settleMilliseconds)
  }
  const watcher = openWatcher(path, soon)
  const poll = setInterval(pollWith(path, look), pollMilliseconds)
  return {
    close: () => {
      clearTimeout(settling)
      clearInterval(poll)
      watcher?.close()
    },
  }
}

/** One poll: it reads only what may have changed, and one at a time. */
function pollWith(path: string, look: () => Promise<boolean>): () => void {
  const stillness = createStillness(path)
  let isPolling = false
  const poll = async (): Promise<void> => {
    if (!(await stillness.isStill()) && (await look())) stillness.wasRead()
  }
  return () => {
    if (isPolling) return
    isPolling = true
    void poll().finally(() => {
      isPolling = false
    })
  }
}

/**
 * The watch only makes it quicker: without one (no inotify left, a strange file system) the poll still sees everything.
 */
function openWatcher(path: string, soon: () => void): FSWatcher | null {
  try {
    const watcher = watch(path, { recursive: true, persistent: false }, soon)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}
