import type { Sealer, SealedPlace } from '@gatehouse/enforcement'
import { z } from 'zod'
import type { SinkRow } from './sink.queries.ts'

/**
 * Its path or its query may be what lets one write there, so the whole URL is sealed, beside the target. Its host is
 * what people know it by. One that was kept before is here, in clear.
 */
const WebTarget = z.union([z.object({ host: z.string() }), z.object({ url: z.string() })])

/** Where each kind of sink is. */
const targets = {
  http: WebTarget,
  hec: WebTarget,
  webhook: WebTarget,
  /** `bytesMax`: of a message; absent: whole, however long. */
  syslog: z.object({ host: z.string(), port: z.int(), bytesMax: z.int().optional() }),
  file: z.object({ file: z.string() }),
} as const

export type SinkKind = keyof typeof targets
export type SinkTarget<K extends SinkKind> = z.output<(typeof targets)[K]>

/** Reads the target of a sink of a kind, as it was kept. */
export const readTarget = <K extends SinkKind>(kind: K, text: string): SinkTarget<K> =>
  targets[kind].parse(JSON.parse(text)) as SinkTarget<K> // of this very kind

/** A URL that was kept in clear, in a target of a version before. */
export interface ClearUrl {
  readonly url: string
  /** The target that stands for it once it is sealed. */
  readonly target: SinkTarget<'http'>
}

/** The URL that stands in a target. Null: none does, or nothing that can be read. */
export function clearUrlIn(text: string): ClearUrl | null {
  try {
    const target = readTarget('http', text)
    return 'url' in target ? { url: target.url, target: { host: hostOf(target.url) } } : null
  } catch {
    return null // a sink that cannot be read is its owner's to mend, and keeps no process from its start
  }
}

/** A target in words: what people know it by. */
export function describeTarget(kind: SinkKind, text: string): string {
  if (kind === 'syslog') {
    const { host, port } = readTarget('syslog', text)
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }
  if (kind === 'file') return readTarget('file', text).file
  const target = readTarget(kind, text)
  return 'host' in target ? target.host : hostOf(target.url)
}

const hostOf = (url: string): string => new URL(url).host

/** Whether sinks of a kind are reached by a URL. */
export const hasUrl = (kind: SinkKind): boolean => kind !== 'syslog' && kind !== 'file'

/** INVARIANT: named as the first ones were sealed, when they lay in the target. */
const urlPlace = (id: string): SealedPlace => ({ table: 'audit_sink', column: 'target', id })

/** The URL of the sink of an id, as it is kept. */
export const sealUrl = (sealer: Sealer, id: string, url: string): Buffer =>
  Buffer.from(sealer.seal(urlPlace(id), Buffer.from(url, 'utf8')))

/** The URL of a sink. Throws when it was sealed for another one. */
export function openUrl(sealer: Sealer, { id, url, target }: Pick<SinkRow, 'id' | 'url' | 'target'>): string {
  if (url !== null) return Buffer.from(sealer.unseal(urlPlace(id), url)).toString('utf8')
  const kept = readTarget('http', target)
  if ('url' in kept) return kept.url
  throw new TypeError(`the sink ${id} has no URL`)
}
