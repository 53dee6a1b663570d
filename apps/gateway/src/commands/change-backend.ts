import { parseArgs } from 'node:util'
import { addKeyBackend, leaveKeyBackend } from '@gatehouse/compose'
import type { Config } from '@gatehouse/config'

/**
 * `kms change-backend`: both keys of the settings open the data key; with `--finish`, the second does not any more.
 * Either may be run again after it was killed.
 */
export async function changeBackendCommand(config: Config, args: readonly string[]): Promise<void> {
  const options = { finish: { type: 'boolean' }, json: { type: 'boolean' } } as const
  const { values } = parseArgs({ args: [...args], options, allowPositionals: true })
  const { result, said } = values.finish === true ? await finish(config) : await add(config)
  process.stdout.write(values.json === true ? `${JSON.stringify(result)}\n` : said)
}

async function add(config: Config) {
  const result = await addKeyBackend(config)
  const lines = [
    ...result.opens.map((uri) => `opened by  ${uri}${result.added.includes(uri) ? '  (new)' : ''}\n`),
    ...result.others.map((uri) => `and by     ${uri}, which the settings do not name\n`),
  ]
  const next = 'Either is enough for a start from now on. Restart every gateway and worker with these settings.'
  return { result, said: `${lines.join('')}\n${next}\nTo leave the second key, run it again with --finish.\n` }
}

async function finish(config: Config) {
  const result = await leaveKeyBackend(config)
  const lines = [
    `opened by        ${result.opens}\n`,
    `not any more by  ${result.left}\n`,
    `versions moved   ${result.moved}\n`,
    ...result.others.map((uri) => `still opened by  ${uri}, which the settings do not name\n`),
  ]
  const next = 'Take [kms.second] out of the settings. Keep the old key as long as you keep backups from before.'
  return { result, said: `${lines.join('')}\n${next}\n` }
}
