import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import { placeText } from './keep-tokens.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** One thing that was looked at. */
interface Finding {
  readonly name: string
  readonly health: 'ok' | 'degraded' | 'down'
  readonly message: string
}

/** Looks at what a working day needs, in the order in which it is needed. Exit 1 when something is down. */
export const runDoctor = async (cli: Cli): Promise<number> => {
  const findings = [
    await checkSsh(),
    await checkServer(cli),
    await checkClock(cli),
    await checkTokens(cli),
    await checkLogin(cli),
    ...(await checkParts(cli)),
  ]
  if (cli.options.form === 'json') showJson(cli, { items: findings, nextCursor: null })
  else
    cli.terminal.out(
      drawTable(
        {
          columns: ['health', 'name', 'message'],
          rows: findings.map(({ health, name, message }) => [health, name, printable(message)]),
        },
        cli.terminal,
      ),
    )
  return findings.some(({ health }) => health === 'down') ? 1 : 0
}

const SSH_TIMEOUT_MS = 5_000

const checkSsh = async (): Promise<Finding> => {
  try {
    const { stderr } = await promisify(execFile)('ssh', ['-V'], { timeout: SSH_TIMEOUT_MS })
    return { name: 'ssh', health: 'ok', message: stderr.trim() }
  } catch {
    return { name: 'ssh', health: 'down', message: "not found · install OpenSSH's client" }
  }
}

const checkServer = (cli: Cli): Promise<Finding> =>
  finding('server', async () => {
    const client = await cli.client()
    const { version } = await client.call('system.version', {})
    return { health: 'ok', message: `${client.server.url} (${client.server.label}) answers, version ${version}` }
  })

/** Codes of an authenticator are wrong beyond this, and so are times that we show. */
const CLOCK_SECONDS_MAX = 20

const checkClock = (cli: Cli): Promise<Finding> =>
  finding('clock', async () => {
    const { url } = await cli.server()
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(SSH_TIMEOUT_MS), redirect: 'error' })
    await response.body?.cancel()
    const date = response.headers.get('date')
    if (date === null) return { health: 'degraded', message: 'the server does not say what time it is' }
    const apart = Math.abs(Date.parse(date) - cli.now().getTime()) / 1000
    return apart <= CLOCK_SECONDS_MAX
      ? { health: 'ok', message: "agrees with the server's" }
      : {
          health: 'degraded',
          message: `${Math.round(apart)} s apart from the server's: codes may be refused · set the clock`,
        }
  })

const checkTokens = (cli: Cli): Promise<Finding> =>
  finding('tokens', async () => {
    const { tokens } = await cli.client()
    const known = await tokens.known()
    if (known === null) return { health: 'degraded', message: 'none yet · gatehouse auth login' }
    const { mode } = await stat(tokens.path)
    return (mode & 0o077) === 0
      ? { health: 'ok', message: placeText(known.place, tokens.path) }
      : { health: 'down', message: `others can read ${tokens.path} · chmod 600 it, then gatehouse auth logout` }
  })

const checkLogin = (cli: Cli): Promise<Finding> =>
  finding('log-in', async () => {
    const { username, assurance, missing } = await (await cli.client()).call('auth.whoami', {})
    return missing.length === 0
      ? { health: 'ok', message: `${username}, ${assurance}` }
      : { health: 'degraded', message: `${username}: ${missing.join(', ')} still missing · gatehouse` }
  })

/**
 * What the server says is not in order with it, and whether it knows its proxies: all who come through one that it does
 * not trust are one address to it. Who may not see the server's health is told nothing, and of a log-in that is missing
 * is said above.
 */
const checkParts = async (cli: Cli): Promise<readonly Finding[]> => {
  try {
    const { parts, untrustedForwarding } = await (await cli.client()).call('system.status', {})
    const advice = untrustedForwarding[0]?.advice // the one that the part speaks of
    return parts
      .filter(({ name, health }) => name === 'proxies' || health !== 'ok')
      .map((part) => {
        const next = part.name === 'proxies' ? advice : 'gatehouse system status'
        return {
          ...part,
          message: part.health === 'ok' || next === undefined ? part.message : `${part.message} · ${next}`,
        }
      })
  } catch {
    return []
  }
}

/** A check that fails is a finding, not an end. */
const finding = async (name: string, check: () => Promise<Omit<Finding, 'name'>>): Promise<Finding> => {
  try {
    return { name, ...(await check()) }
  } catch (error) {
    const hint = error instanceof CliError && error.hint !== null ? ` · ${error.hint}` : ''
    return { name, health: 'down', message: `${error instanceof Error ? error.message : String(error)}${hint}` }
  }
}
