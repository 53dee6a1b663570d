import { watch, type FSWatcher } from 'node:fs'

/**
 * A rename or a symlink swap above the directory escapes every watch; looking this often finds it, and leaves a second
 * and a half to validate it in: an edit is in force within two.
 */
const pollMilliseconds = 500
/** A save is often several events. */
const settleMilliseconds = 50

/** Calls `look` soon after something moves under `path`, and twice a second besides. `look` must not throw. */
export function watchDirectory(path: string, look: () => void): { close(): void } {
  let settling: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(settling)
    settling = setTimeout(look, settleMilliseconds)
  }
  const watcher = openWatcher(path, soon)
  const poll = setInterval(look, pollMilliseconds)
  return {
    close: () => {
      clearTimeout(settling)
      clearInterval(poll)
      watcher?.close()
    },
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
