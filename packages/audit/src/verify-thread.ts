import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { openStore } from '@gatehouse/database'
import { examinePage } from './examine-page.ts'
import type { LeafWithEntry, PageRange, ReadPage } from './record-page.queries.ts'
import { readPagesAt } from './record.queries.ts'
import { openingBy, remembering, type OpenParts, type PartOpener } from './sealed-parts.ts'
import type { FromThread, SealedKey, ThreadStart, ToThread } from './verify-threads.ts'

/** What opens parts under a key of a person. */
export type OpenerUnder = (key: { readonly id: string; readonly key: Uint8Array }) => PartOpener

/** People whose keys a thread remembers: more than are named in the pages that it has at once. */
const openersMax = 10_000

/**
 * The work of a thread that verify-threads.ts has started: reads the pages that it is told to and says what is in them,
 * until it is told that there are no more. Any failure ends the thread, and whoever started it hears of it.
 */
export async function serveVerification(openerUnder: OpenerUnder): Promise<void> {
  const port = parentPort
  if (port === null) throw new TypeError('this runs in a thread of a verification')
  const { url, moment } = workerData as ThreadStart // our own, see verify-threads.ts
  const db = openStore(url, { size: 1, name: 'gatehouse-records', statements: 'long' })
  await readPagesAt(db, moment, (readPage) => serve(port, { readPage, openerUnder }))
  await db.destroy()
}

interface Serving {
  readonly readPage: ReadPage
  readonly openerUnder: OpenerUnder
}

function serve(port: MessagePort, { readPage, openerUnder }: Serving): Promise<void> {
  const end = Promise.withResolvers<void>()
  const keys = keysFrom(port, openerUnder)
  let before: Promise<void> = Promise.resolve()
  const examine = async (reading: Promise<readonly LeafWithEntry[]>, turn: Promise<void>): Promise<void> => {
    const [leaves] = await Promise.all([reading, turn])
    const page = examinePage(leaves, await keys.opening(leaves))
    port.postMessage({ page } satisfies FromThread, [page.hashes.buffer])
  }
  const take = (range: PageRange): void => {
    // read at once, examined in turn: while one is examined the database looks for the next
    before = examine(readPage(range), before)
    before.catch(end.reject)
  }
  port.on('message', (message: ToThread) => {
    if ('range' in message) take(message.range)
    else if ('keys' in message) keys.take(message.keys)
    else end.resolve()
  })
  return end.promise.finally(() => port.close())
}

/** Keys of people, opened where the key over them is; each is asked for once. */
function keysFrom(port: MessagePort, openerUnder: OpenerUnder) {
  const openers = remembering<PartOpener>(openersMax)
  let asked: PromiseWithResolvers<readonly (Uint8Array | null)[]> | null = null
  const ask = (sealed: readonly SealedKey[]): Promise<readonly (Uint8Array | null)[]> => {
    asked = Promise.withResolvers()
    port.postMessage({ sealed } satisfies FromThread)
    return asked.promise
  }
  return {
    take: (keys: readonly (Uint8Array | null)[]): void => asked?.resolve(keys),
    /** What opens the parts of these leaves. */
    opening: async (leaves: readonly LeafWithEntry[]): Promise<OpenParts> => {
      const parts = leaves.flatMap((leaf) => leaf.parts)
      const needed = new Map(parts.map(({ keyId, key }) => [keyId, { keyId, key }]))
      const known = new Map([...needed.keys()].map((keyId) => [keyId, openers.get(keyId)]))
      const unknown = [...needed.values()].filter(({ keyId }) => known.get(keyId) === undefined)
      const keys = unknown.length === 0 ? [] : await ask(unknown)
      for (const [index, { keyId }] of unknown.entries()) {
        const key = keys[index] ?? null
        const opener = key === null ? unopened : openerUnder({ id: keyId, key })
        known.set(keyId, opener)
        openers.set(keyId, opener)
      }
      return openingBy(({ keyId }) => known.get(keyId) ?? unopened)
    },
  }
}

/** Stands for a key that could not be opened. */
const unopened: PartOpener = {
  unseal: () => {
    throw new TypeError('the key of these values is not as it was sealed')
  },
}
