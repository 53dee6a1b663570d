import { DatabaseSync } from 'node:sqlite'
import { StartError } from './settings.ts'
import type { Home } from './home.ts'

/** Keeps a second supervisor out of a state directory until this process ends, however it ends. */
export const lockHome = (home: Home): { release(): void } => {
  const file = new DatabaseSync(home.lockFile)
  try {
    // SQLite's lock on its file is the kernel's: it goes with the process, so no stale lock is ever left to be judged.
    file.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (cause) {
    file.close()
    throw new StartError(
      `another \`npm start\` runs on ${home.directory}: stop it, or give this one its own GATEHOUSE_HOME and ` +
        'GATEHOUSE_PORT',
      { cause },
    )
  }
  return { release: () => file.close() }
}
