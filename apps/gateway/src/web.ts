import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'

interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
  readonly immutable: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
}

/** The built control center, read once: nothing a caller sends ever becomes a path of the file system. */
export async function readWeb(directory: string): Promise<WebFiles> {
  const files = new Map<string, StaticFile>()
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = new Uint8Array(await readFile(path))
    const url = `/${relative(directory, path).replaceAll('\\', '/')}`
    files.set(url, {
      bytes,
      type: types[extname(path)] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      immutable: url.startsWith('/assets/'),
    })
  }
  return new WebFiles(files)
}

/**
 * The first parts of the control center's paths. Whatever else is asked is not there: a program that guesses `/api` or
 * `/docs` shall not take the control center's page for an answer.
 */
export const webPaths: ReadonlySet<string> = new Set([
  '',
  'access',
  'alert-channels',
  'alerts',
  'approvals',
  'decisions',
  'device',
  'emergency',
  'encryption',
  'environments',
  'incidents',
  'invite',
  'me',
  'new-alert-channel',
  'people',
  'policy',
  'policy-change',
  'policy-explain',
  'policy-history',
  'policy-matrix',
  'policy-shadow',
  'programs',
  'record',
  'security',
  'settings',
  'unwrap',
  'workspaces',
])

/** The one page of the control center, which looks at the address itself. */
const page = '/index.html'

/** Answers for the single-page application: its files, and its page for each path of its own. */
export class WebFiles {
  readonly #files: ReadonlyMap<string, StaticFile>

  constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files
  }

  /** Null: there is nothing. */
  answer(path: string, ifNoneMatch: string | undefined): Response | null {
    const [, first = ''] = path.split('/')
    // an empty first part is the front page's alone: `//elsewhere.example` is another machine's address to a browser
    const isOwnPath = path === '/' || (first !== '' && webPaths.has(first))
    const file = this.#files.get(path) ?? (isOwnPath ? this.#files.get(page) : undefined)
    if (file === undefined) return null
    const headers = {
      'content-type': file.type,
      etag: file.etag,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    return ifNoneMatch === file.etag
      ? new Response(null, { status: 304, headers })
      : new Response(file.bytes, { headers })
  }
  /**
   * For a person who came to an address of nothing: the control center's page, which says so, with the status of what
   * is not found. Null: there is no page, or the path is one that only programs ask for.
   */
  answerLost(path: string): Response | null {
    const [, first = ''] = path.split('/')
    const file = this.#files.get(page)
    if (file === undefined || first === '' || first === 'assets' || first.includes('.')) return null
    return new Response(file.bytes, {
      status: 404,
      headers: { 'content-type': file.type, 'cache-control': 'no-store' },
    })
  }
}
