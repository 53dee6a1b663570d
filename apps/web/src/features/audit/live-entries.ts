import type { Raw, Wire } from '@gatehouse/contract'
import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { CallRefused, watch } from '../../api.ts'
import type { Loaded } from '../../loading.ts'

type Entry = Wire<'audit.get'>
type EntryPage = Wire<'audit.search'>

const againAfterMs = 1000
const againAfterMsMax = 30_000

/** A refusal that opening again does not cure. */
const isFinal = (error: unknown): boolean =>
  error instanceof CallRefused && !['unavailable', 'rate-limited', 'unauthenticated'].includes(error.code)

/** New entries on top of the newest page, which stays as long as it was asked for; none twice. */
export function withNewest(page: EntryPage, entries: readonly Entry[], length: number): EntryPage {
  const fresh = new Set(entries.map(({ id }) => id))
  const items = [...entries.toReversed(), ...page.items.filter(({ id }) => !fresh.has(id))]
  return { ...page, items: items.slice(0, Math.max(length, page.items.length)) }
}

interface Follow {
  readonly loaded: Loaded<EntryPage>
  readonly asked: Accessor<Raw<'audit.tail'>>
  /** Whether new entries are wanted now. */
  readonly when: Accessor<boolean>
}

/** How many entries a page has at least before older ones make room for new ones. */
const pageLength = 50

/**
 * Puts new entries on top of the page as they come, while it is wanted. A stream that breaks is taken up where it was
 * left. Answers the refusal for which it was given up; null while there is none.
 */
export function followEntries({ loaded, asked, when }: Follow): Accessor<CallRefused | null> {
  const [refused, setRefused] = createSignal<CallRefused | null>(null)
  const question = createMemo(() => (when() ? JSON.stringify(asked()) : null))

  const readOnce = async (input: Raw<'audit.tail'>, signal: AbortSignal, left: { cursor?: string }): Promise<void> => {
    const after = left.cursor === undefined ? {} : { after: left.cursor }
    for await (const part of watch('audit.tail', { ...input, ...after }, { signal, onOpen: () => setRefused(null) })) {
      // what came before the first part is the page's, which may be older
      if (left.cursor === undefined) void loaded.reload()
      left.cursor = part.cursor
      const page = loaded.data()
      if (page !== undefined && part.entries.length > 0) loaded.put(withNewest(page, part.entries, pageLength))
    }
  }
  const follow = async (input: Raw<'audit.tail'>, signal: AbortSignal): Promise<void> => {
    const left: { cursor?: string } = {}
    let waitMs = againAfterMs
    while (!signal.aborted) {
      try {
        await readOnce(input, signal, left)
        waitMs = againAfterMs
      } catch (error) {
        if (signal.aborted) return
        if (isFinal(error)) return void setRefused(error as CallRefused) // by isFinal
        waitMs = Math.min(waitMs * 2, againAfterMsMax)
      }
      await pause(waitMs, signal)
    }
  }
  createEffect(
    on(question, (text) => {
      setRefused(null)
      if (text === null) return
      const stop = new AbortController()
      onCleanup(() => stop.abort())
      void follow(JSON.parse(text) as Raw<'audit.tail'>, stop.signal) // our own JSON
    }),
  )
  return refused
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
