import { EventEmitter, once } from 'node:events'
import type { Running } from './child.ts'
import type { ServiceName } from './run-record.ts'

/** Who is up and who is down, and who has been waiting for it. */
export interface Board {
  started(name: ServiceName, running: Running): void
  up(name: ServiceName): void
  down(name: ServiceName): void
  running(name: ServiceName): Running | null
  isUp(name: ServiceName): boolean
  /** Says whether one of them is down, or was a moment ago. */
  faltered(names: readonly ServiceName[]): boolean
  /** Resolves once all of these are up. */
  allUp(names: readonly ServiceName[], signal: AbortSignal): Promise<void>
}

interface Entry {
  readonly running: Running | null
  readonly up: boolean
  readonly downAtMs: number
}

const NEVER: Entry = { running: null, up: false, downAtMs: -Infinity }
// Long enough for a client to notice that its server is gone, run out of attempts, and end.
const EXCUSE_MS = 20_000

/** Makes a board on which only the named services count; any other, being somebody else's, is taken to be up. */
export const createBoard = (names: readonly ServiceName[]): Board => {
  const entries = new Map<ServiceName, Entry>(names.map((name) => [name, NEVER]))
  const changes = new EventEmitter().setMaxListeners(0)
  const change = (name: ServiceName, part: Partial<Entry>) => {
    entries.set(name, { ...(entries.get(name) ?? NEVER), ...part })
    changes.emit('change')
  }
  const isUp = (name: ServiceName) => entries.get(name)?.up ?? true
  const downAt = (name: ServiceName) => entries.get(name)?.downAtMs ?? -Infinity
  return {
    started: (name, running) => change(name, { running }),
    up: (name) => change(name, { up: true }),
    down: (name) => change(name, { running: null, up: false, downAtMs: performance.now() }),
    running: (name) => entries.get(name)?.running ?? null,
    isUp,
    faltered: (needs) => needs.some((name) => !isUp(name) || performance.now() - downAt(name) < EXCUSE_MS),
    allUp: async (needs, signal) => {
      signal.throwIfAborted()
      while (!needs.every(isUp)) await once(changes, 'change', { signal })
    },
  }
}
