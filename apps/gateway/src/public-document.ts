import type { Context } from 'hono'

/** A public document: bytes with the validators that let a cache ask only whether it has changed. */
export interface PublicDocument {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag?: string
  readonly lastModified?: Date
  readonly maxAgeSeconds: number
  /** It will never be another one. */
  readonly immutable?: boolean
  /** What else is said of it. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A document as it is answered: without its body where the client has it already. */
export function answerDocument(c: Context, document: PublicDocument): Response {
  const headers = new Headers({
    ...document.headers,
    'content-type': document.type,
    'cache-control': `public, max-age=${document.maxAgeSeconds}${document.immutable === true ? ', immutable' : ''}`,
  })
  if (document.etag !== undefined) headers.set('etag', document.etag)
  if (document.lastModified !== undefined) headers.set('last-modified', document.lastModified.toUTCString())
  const unchanged = document.etag !== undefined && c.req.header('if-none-match') === document.etag
  return unchanged ? new Response(null, { status: 304, headers }) : new Response(document.body, { headers })
}
