import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PublicDocument } from './public-document.ts'

interface PageFile {
  readonly file: string
  readonly type: string
}

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
} as const

/** By the path at which it is served. The explorer is for development: it names every operation to whoever asks. */
const referencePages: Readonly<Record<string, PageFile>> = {
  '/reference': { file: 'reference.html', type: types.html },
  '/reference/pages.css': { file: 'pages.css', type: types.css },
  '/reference/reference.js': { file: 'reference.js', type: types.js },
}
const explorerPages: Readonly<Record<string, PageFile>> = {
  '/explorer': { file: 'explorer.html', type: types.html },
  '/explorer/explorer.js': { file: 'explorer.js', type: types.js },
}

/** A browser asks again each time, and is told that nothing has changed until the server is another. */
const maxAgeSeconds = 0

/** The pages that the gateway has of its own, read once. */
export async function readPages(
  directory: string,
  { explorer }: { readonly explorer: boolean },
): Promise<Readonly<Record<string, () => Promise<PublicDocument>>>> {
  const pages = Object.entries(explorer ? { ...referencePages, ...explorerPages } : referencePages)
  return Object.fromEntries(
    await Promise.all(
      pages.map(async ([path, { file, type }]) => {
        const body = new Uint8Array(await readFile(join(directory, file)))
        const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
        return [path, () => Promise.resolve({ body, type, etag, maxAgeSeconds })] as const
      }),
    ),
  )
}
