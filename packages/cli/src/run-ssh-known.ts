import type { Cli } from './cli.ts'
import { pause } from './clock.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { flag } from './flag.ts'
import { refreshHosts } from './ssh-hosts.ts'
import { sshPlace } from './ssh-place.ts'

/** So long a list of hosts is taken as it is, and nobody asks again because of a name that is not in it. */
const FRESH_MS = 60_000

/** ssh to anywhere waits for this answer. */
const ANSWER_MS_MAX = 2_000

/**
 * Whether a name is a registered host: exit 0, else 1. ssh asks for each host that it does not know from earlier, so it
 * says nothing and is quick, also when the server is away. The name itself goes nowhere: all hosts are asked for.
 */
export const runSshKnown = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('host', '', { required: true })])
  const name = (textOf(values, 'host') ?? '').toLowerCase() // ssh passes it on as it was typed
  const late = new AbortController()
  const known = await Promise.race([
    isKnown(cli, name).catch(() => false),
    pause(ANSWER_MS_MAX, late.signal).then(() => false),
  ]).finally(() => late.abort())
  return known ? 0 : 1
}

const isKnown = async (loud: Cli, name: string): Promise<boolean> => {
  const place = sshPlace(loud.config, await loud.server())
  const isIn = async (): Promise<boolean> => (await place.read()).hosts.some((host) => host.name === name)
  if (await isIn()) return true
  const { askedAt } = await place.read()
  if (loud.now().getTime() - new Date(askedAt).getTime() < FRESH_MS) return false
  await refreshHosts(await loud.client(), place, loud.now())
  return isIn()
}
