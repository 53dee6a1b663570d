import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { ContextName, readContexts, writeContexts, type Contexts } from './contexts.ts'
import { originOf, serverOfContext } from './find-server.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { confirm } from './consent.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'
import type { TokenPlace } from './token-places.ts'
import { openTokenStore } from './token-store.ts'
import { flag } from './flag.ts'

interface ContextRow {
  readonly name: string
  readonly url: string
  readonly current: boolean
  readonly username: string | null
  /** Where its tokens lie; null when there are none. */
  readonly tokens: TokenPlace | null
}

/** Prints the contexts, the current one marked. */
export const listContexts = async (cli: Cli): Promise<number> => {
  const rows = await rowsOf(cli)
  const { terminal, options } = cli
  if (options.form === 'json') showJson(cli, { items: rows, nextCursor: null })
  else if (options.quiet) for (const { name } of rows) terminal.out(`${name}\n`)
  else if (rows.length === 0) terminal.talk('no contexts yet: gatehouse context add NAME URL\n')
  else
    terminal.out(
      drawTable(
        {
          columns: ['name', 'current', 'url', 'logged in as', 'tokens'],
          rows: rows.map((row) => [
            row.name,
            row.current ? 'yes' : '',
            row.url,
            row.username ?? '–',
            row.tokens ?? '–',
          ]),
        },
        terminal,
      ),
    )
  return 0
}

const rowsOf = async ({ config }: Cli): Promise<readonly ContextRow[]> => {
  const { current, contexts } = await readContexts(config.configHome)
  return Promise.all(
    Object.entries(contexts).map(async ([name, { url }]) => {
      const known = await openTokenStore(config, serverOfContext(name, url)).known()
      return { name, url, current: name === current, username: known?.username ?? null, tokens: known?.place ?? null }
    }),
  )
}

/** Makes a context the one that is meant when nothing is said. */
export const switchContext = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const name = nameOf(values)
  const known = await readContexts(cli.config.configHome)
  requireKnown(known, name)
  await writeContexts(cli.config.configHome, { ...known, current: name })
  return done(cli, { name, url: known.contexts[name]?.url ?? '', current: true }, `using ${name}`)
}

/** Adds a context; the first one becomes the current one. */
export const addContext = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('url', '', { required: true })])
  const name = nameOf(values)
  const known = await readContexts(cli.config.configHome)
  if (known.contexts[name] !== undefined)
    throw flagError('name', `there is a context \`${name}\` already; remove it first`)
  const url = originOf(textOf(values, 'url') ?? '')
  const current = known.current ?? name
  await writeContexts(cli.config.configHome, { current, contexts: { ...known.contexts, [name]: { url } } })
  return done(
    cli,
    { name, url, current: current === name },
    `added ${name}${current === name ? ', in use from now on' : `; use it: gatehouse context use ${name}`}`,
  )
}

/** Forgets a context, its tokens and its checkpoints. */
export const removeContext = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const name = nameOf(values)
  const { configHome } = cli.config
  const known = await readContexts(configHome)
  requireKnown(known, name)
  await confirm(
    cli,
    `forget ${name} (${known.contexts[name]?.url ?? ''}), its tokens and the checkpoints of its audit log`,
  )
  const { [name]: removed, ...contexts } = known.contexts
  // first what is secret: a keyring that does not let go leaves the context, so that it can be tried again
  await openTokenStore(cli.config, serverOfContext(name, removed?.url ?? '')).remove()
  await writeContexts(configHome, { current: known.current === name ? null : known.current, contexts })
  await rm(join(configHome, 'checkpoints', `context-${name}.json`), { force: true })
  return done(cli, { name, url: removed?.url ?? '', current: false }, `forgot ${name}`)
}

const nameOf = (values: Arguments['values']): string => {
  requireFlags(values, [flag('name', '', { required: true })])
  const parsed = ContextName.safeParse(textOf(values, 'name'))
  if (!parsed.success) throw flagError('name', parsed.error.issues[0]?.message ?? 'is no name')
  return parsed.data
}

const requireKnown = ({ contexts }: Contexts, name: string): void => {
  if (contexts[name] === undefined)
    throw flagError('name', `there is no context \`${name}\`; gatehouse context list shows them`)
}

const done = (cli: Cli, output: Readonly<Record<string, unknown>>, text: string): number => {
  if (cli.options.form === 'json') showJson(cli, output)
  else cli.terminal.talk(`${text}\n`)
  return 0
}
