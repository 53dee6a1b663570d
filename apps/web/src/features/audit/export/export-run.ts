import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { CallFailed, CallRefused, CallUnanswered, watch } from '../../../api.ts'
import { useSession } from '../../../session.tsx'
import { chooseTarget, type ExportTarget } from './export-target.ts'

type Part = Wire<'audit.exportStream'>

/** How far an export is. */
export interface ExportProgress {
  readonly rows: number
  readonly bytes: number
  readonly percent: number
}

/** Where an export stands. `broken`: it can be taken up again where it was left. */
export type ExportState =
  | { readonly at: 'idle' }
  | { readonly at: 'running'; readonly progress: ExportProgress }
  | { readonly at: 'broken'; readonly progress: ExportProgress; readonly error: unknown }
  | { readonly at: 'failed'; readonly error: unknown }
  | { readonly at: 'cancelled' }
  | { readonly at: 'done'; readonly progress: ExportProgress; readonly name: string; readonly manifest: string }

/** An export being read into a file. */
export interface ExportRun {
  readonly state: Accessor<ExportState>
  readonly start: (name: string, input: Raw<'audit.export'>) => Promise<void>
  readonly resume: () => Promise<void>
  readonly cancel: () => Promise<void>
}

const nothing: ExportProgress = { rows: 0, bytes: 0, percent: 0 }

/** Attempts to go on by itself, without anything new in between, and the pause before each. */
const attemptsMax = 4
const attemptMs = 1500

/**
 * What may pass by itself: the network, a server that restarts. A stream that breaks is a `TypeError` of the browser. A
 * file that can't be written does not pass.
 */
const mayPass = (error: unknown): boolean => {
  if (error instanceof CallRefused) return error.code === 'unavailable' || error.code === 'rate-limited'
  return error instanceof CallUnanswered || error instanceof CallFailed || error instanceof TypeError
}

interface Reading {
  id: string
  readonly target: ExportTarget
  cursor: string | null
  progress: ExportProgress
}

/** Makes an export of this page. Leaving the page gives it up: nothing half written stays. */
export function createExportRun(): ExportRun {
  const session = useSession()
  const [state, setState] = createSignal<ExportState>({ at: 'idle' })
  let reading: Reading | null = null
  let stop = new AbortController()
  const giveUp = async (next: ExportState): Promise<void> => {
    stop.abort()
    const left = reading
    reading = null
    setState(next)
    await left?.target.abandon().catch(() => undefined) // a file that is gone needs no removing
  }
  const read = async (one: Reading): Promise<void> => {
    stop.abort()
    stop = new AbortController()
    const { signal } = stop
    const tell = (next: ExportState): void => {
      if (!signal.aborted) setState(next)
    }
    try {
      if (await readToEnd(one, { signal, tell })) reading = null
    } catch (error) {
      if (!signal.aborted) await giveUp({ at: 'failed', error })
    }
  }
  onCleanup(() => void giveUp({ at: 'cancelled' }))
  return {
    state,
    start: async (name, input) => {
      const target = await chooseTarget(name).catch((error: unknown) => void setState({ at: 'failed', error }))
      if (target === null || target === undefined) return
      const one: Reading = { id: '', target, cursor: null, progress: nothing }
      reading = one
      setState({ at: 'running', progress: nothing })
      try {
        one.id = (await session.act('audit.export', input)).id
      } catch (error) {
        return giveUp({ at: 'failed', error })
      }
      if (reading === one) await read(one)
    },
    resume: async () => {
      if (reading !== null) await read(reading)
    },
    cancel: () => giveUp({ at: 'cancelled' }),
  }
}

interface Telling {
  readonly signal: AbortSignal
  readonly tell: (state: ExportState) => void
}

/** Reads until the signed end, going on by itself where it broke off; false when a person has to have it go on. */
async function readToEnd(one: Reading, { signal, tell }: Telling): Promise<boolean> {
  tell({ at: 'running', progress: one.progress })
  for (let attempts = 0; attempts < attemptsMax && !signal.aborted; attempts += 1) {
    const before = one.cursor
    try {
      if (await readOnce(one, { signal, tell })) return true
      tell({ at: 'broken', progress: one.progress, error: new CallUnanswered('the stream ended early') })
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error
      tell({ at: 'broken', progress: one.progress, error })
    }
    if (one.cursor !== before) attempts = 0
    await new Promise((resolve) => setTimeout(resolve, attemptMs))
  }
  return false
}

/** True when the end was read. The cursor goes on only once a part was written. */
async function readOnce(one: Reading, { signal, tell }: Telling): Promise<boolean> {
  const input = { id: one.id, ...(one.cursor === null ? {} : { after: one.cursor }) }
  for await (const part of watch('audit.exportStream', input, { signal, onOpen: () => undefined })) {
    await one.target.write(part.text)
    one.cursor = part.cursor
    one.progress = progressOf(part)
    if (part.manifest !== null) {
      await one.target.finish()
      tell({ at: 'done', progress: one.progress, name: one.target.name, manifest: part.manifest })
      return true
    }
    tell({ at: 'running', progress: one.progress })
  }
  return false
}

const progressOf = ({ rows, bytes, percent }: Part): ExportProgress => ({ rows, bytes, percent })
