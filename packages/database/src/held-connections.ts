import { AsyncLocalStorage } from 'node:async_hooks'
import { beginSpan } from '@gatehouse/kit/tracing'
import { postgresqlSpan, type Store } from './store.ts'

/** Connections that are kept from one piece of work to the next. */
export interface HeldConnections {
  /** Does work on one that nobody else has meanwhile; opens one where there is none. */
  run<T>(work: (db: Store) => Promise<T>): Promise<T>
  /** Gives back all that nobody works on. */
  letGo(): Promise<void>
}

interface Held {
  readonly db: Store
  readonly letGo: () => Promise<void>
}

/**
 * Keeps the connections of a pool that is somebody's own, for what runs at every call: to take one and give it back
 * costs the process as much as to read an answer. One whose work failed is given back, and the pool says whether it is
 * still good.
 */
export function holdConnections(store: Store): HeldConnections {
  const free: Held[] = []
  // outside of any request: whoever comes first is not who has it
  const outside = AsyncLocalStorage.snapshot()
  return {
    run: async (work) => {
      const use = beginSpan(postgresqlSpan)
      const one = free.pop() ?? (await outside(() => hold(store)))
      try {
        const result = await work(one.db)
        free.push(one)
        return result
      } catch (error) {
        await one.letGo()
        throw error
      } finally {
        use?.end()
      }
    },
    letGo: async () => {
      await Promise.all(free.splice(0).map((one) => one.letGo()))
    },
  }
}

/** Takes a connection of the store's, until it is let go. */
function hold(store: Store): Promise<Held> {
  const [held, end] = [Promise.withResolvers<Held>(), Promise.withResolvers<void>()]
  const over = store.connection().execute(async (db) => {
    const letGo = async (): Promise<void> => {
      end.resolve()
      await over
    }
    held.resolve({ db, letGo })
    await end.promise
  })
  over.catch(held.reject)
  return held.promise
}
