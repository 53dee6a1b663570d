import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { flagError, usageError } from './cli-error.ts'
import type { CliConfig } from './config.ts'
import { readContexts } from './contexts.ts'
import { parseUrl } from './parse-url.ts'

/** The server that a command talks to, and which account of ours there. */
export interface Server {
  /** Origin without a slash at the end. */
  readonly url: string
  /** Name of the files in which tokens and checkpoints of this account lie. */
  readonly account: string
  /** How a person knows it: a context's name, or where it was found. */
  readonly label: string
}

/** `--context`, else `GATEHOUSE_URL`, else the current context, else the local dev server. */
export const findServer = async (config: CliConfig, contextName: string | null): Promise<Server> => {
  if (contextName !== null) return namedServer(config, contextName)
  if (config.url !== null) return serverAt(config.url, 'GATEHOUSE_URL')
  const { current } = await readContexts(config.configHome)
  if (current !== null) return namedServer(config, current)
  const dev = await findDevServer(config)
  if (dev !== null) return serverAt(dev.urls.web, 'local dev server')
  throw usageError('there is no Gatehouse to talk to', {
    hint: 'start one with npm start, or: gatehouse context add NAME --url https://…',
  })
}

const namedServer = async ({ configHome }: CliConfig, name: string): Promise<Server> => {
  const { contexts } = await readContexts(configHome)
  const context = contexts[name]
  if (context === undefined)
    throw flagError('context', `there is no context \`${name}\`; gatehouse context list shows them`)
  return serverOfContext(name, originOf(context.url))
}

/** The server and account of a context. */
export const serverOfContext = (name: string, url: string): Server => ({ url, account: `context-${name}`, label: name })

const serverAt = (text: string, label: string): Server => {
  const url = originOf(text)
  // One host may serve many; the hash keeps names apart that look alike once cleaned.
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 12)
  return { url, account: `url-${new URL(url).host.replace(/[^A-Za-z0-9.-]/g, '_')}-${digest}`, label }
}

/** The origin of an address; a path, a query or a password in it is a mistake and said. */
export const originOf = (text: string): string => {
  const url = parseUrl(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw usageError(`\`${text}\` is no address such as https://gatehouse.example.org`)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.pathname !== '/')
    throw usageError(`\`${url.origin}\` is where the server is; leave out what stands beside it`)
  return url.origin
}

/** Whether what we send to this origin can be read on the way. */
export const isClearText = (origin: string): boolean => {
  const { protocol, hostname } = new URL(origin)
  return (
    protocol === 'http:' &&
    !(
      hostname === 'localhost' ||
      hostname === '[::1]' ||
      (isIP(hostname) === 4 && hostname.startsWith('127.')) ||
      hostname.endsWith('.localhost')
    )
  )
}

const DevFile = z.object({
  urls: z.object({ web: z.string() }),
  database: z.object({ url: z.string(), adminUrl: z.string() }),
})
/** A dev server of this machine, and its state directory. */
export type DevServer = z.output<typeof DevFile> & { readonly home: string }

/** The dev server of this home, or of the repository that we stand in; null when none is running. */
export const findDevServer = async ({
  gatehouseHome,
  cwd,
}: Pick<CliConfig, 'gatehouseHome' | 'cwd'>): Promise<DevServer | null> => {
  const homes =
    gatehouseHome === null ? [...parentsOf(cwd)].map((directory) => join(directory, '.gatehouse')) : [gatehouseHome]
  for (const home of homes) {
    const parsed = await readDevFile(join(home, 'dev.json'))
    if (parsed !== null) return { ...parsed, home }
  }
  return null
}

const readDevFile = async (path: string): Promise<z.output<typeof DevFile> | null> => {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return DevFile.parse(JSON.parse(text))
  } catch {
    return null // another program's file of that name
  }
}

function* parentsOf(directory: string): Generator<string> {
  for (let current = directory; ; current = dirname(current)) {
    yield current
    if (current === dirname(current)) return
  }
}
