import { AsyncLocalStorage } from 'node:async_hooks'
import { Kysely, type KyselyConfig, type TransactionBuilder } from 'kysely'

/** A transaction that waits for a second connection while it holds one: with a full pool, all of them wait for ever. */
export class NestedCheckoutError extends Error {
  override readonly name = 'NestedCheckoutError'
}

/** The transaction in whose work we are; `over` once it has ended, for what it left running behind it. */
interface Holding {
  readonly pool: object
  over: boolean
}

const holding = new AsyncLocalStorage<Holding>()

/** Whether the work that asks runs inside a transaction that holds a connection of this pool. */
export const isNestedCheckout = (pool: object): boolean => {
  const held = holding.getStore()
  return held !== undefined && held.pool === pool && !held.over
}

/** A database whose transactions are known to whatever they call. */
export class HoldingKysely<Tables> extends Kysely<Tables> {
  readonly #pool: object

  constructor(pool: object, config: KyselyConfig) {
    super(config)
    this.#pool = pool
  }

  override transaction(): TransactionBuilder<Tables> {
    return within(this.#pool, super.transaction())
  }
}

type Parts<Tables> = Pick<TransactionBuilder<Tables>, 'setAccessMode' | 'setIsolationLevel' | 'execute'>

function within<Tables>(pool: object, builder: TransactionBuilder<Tables>): TransactionBuilder<Tables> {
  const parts: Parts<Tables> = {
    setAccessMode: (mode) => within(pool, builder.setAccessMode(mode)),
    setIsolationLevel: (level) => within(pool, builder.setIsolationLevel(level)),
    execute: (work) => builder.execute((tx) => heldDuring(pool, () => work(tx))),
  }
  return parts as TransactionBuilder<Tables> // all of its public methods
}

async function heldDuring<T>(pool: object, work: () => Promise<T>): Promise<T> {
  const held: Holding = { pool, over: false }
  try {
    return await holding.run(held, work)
  } finally {
    held.over = true
  }
}
