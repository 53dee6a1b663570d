import { z } from 'zod'

/** Where each kind of sink is. */
const targets = {
  http: z.object({ url: z.string() }),
  hec: z.object({ url: z.string() }),
  webhook: z.object({ url: z.string() }),
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
  return kind === 'file' ? readTarget('file', text).file : readTarget('http', text).url
}
