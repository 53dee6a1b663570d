import type { Sealer, SealedPlace } from '@gatehouse/enforcement'
import { z } from 'zod'

/**
 * The URL of a sink, sealed: its path or its query may be what lets one write there. Its host is what people know it
 * by. One that was kept before is in clear.
 */
const WebTarget = z.union([z.object({ host: z.string(), sealed: z.base64() }), z.object({ url: z.string() })])

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

const urlPlace = (id: string): SealedPlace => ({ table: 'audit_sink', column: 'target', id })

/** A URL as the target of the sink of an id, as it is kept. */
export const sealUrl = (sealer: Sealer, id: string, url: string): SinkTarget<'http'> => ({
  host: hostOf(url),
  sealed: Buffer.from(sealer.seal(urlPlace(id), Buffer.from(url, 'utf8'))).toString('base64'),
})

/** The URL of the sink of an id. Throws when it was sealed for another one. */
export function openUrl(sealer: Sealer, id: string, target: SinkTarget<'http'>): string {
  if ('url' in target) return target.url
  return Buffer.from(sealer.unseal(urlPlace(id), Buffer.from(target.sealed, 'base64'))).toString('utf8')
}
