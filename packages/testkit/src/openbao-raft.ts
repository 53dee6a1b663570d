import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { startGuarded } from './guarded-process.ts'
import { askOpenBao, openBaoPath, type TestOpenBao } from './openbao.ts'
import { untilAnswers } from './until-answers.ts'

interface Place {
  readonly directory: string
  readonly port: number
  readonly clusterPort: number
}

/** As its documentation has it for one node; audit devices cannot be made over its API any more. */
const configurationOf = ({ directory, port, clusterPort }: Place): string => `
storage "raft" {
  path = "${directory}"
  node_id = "one"
}
listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${clusterPort}"
  tls_disable = true
}
api_addr = "http://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"
disable_mlock = true
audit "file" "file" {
  options {
    file_path = "${join(directory, 'audit.log')}"
  }
}
`

interface Initialised {
  readonly keys_base64: readonly string[]
  readonly root_token: string
}

/**
 * Starts an OpenBao that keeps what it is told: raft storage and a file of audit lines, with its Transit engine at
 * `transit`. What it is to be compared with as it is used in earnest; it ends with this process at the latest.
 */
export const startLastingOpenBao = async (): Promise<TestOpenBao> => {
  const program = await openBaoPath((line) => console.error(line))
  const [port, clusterPort] = [await freePort(), await freePort()]
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-openbao-'))
  const configuration = join(directory, 'openbao.hcl')
  await writeFile(configuration, configurationOf({ directory, port, clusterPort }))
  const args = ['server', `-config=${configuration}`, '-log-level=error']
  const server = startGuarded({ command: program, args, log: 'ignore', stopSignal: 'TERM' })
  const stop = async (): Promise<void> => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const address = `http://127.0.0.1:${port}`
  try {
    await untilAnswers(`${address}/v1/sys/health?uninitcode=200`, server)
    const one = { secret_shares: 1, secret_threshold: 1 }
    const initialised = await askOpenBao({ address, rootToken: '' }, { path: 'sys/init', body: one })
    // the shape that its documentation gives for the answer
    const { keys_base64: keys, root_token: rootToken } = initialised as Initialised
    const facts = { address, rootToken }
    await askOpenBao(facts, { path: 'sys/unseal', body: { key: keys[0] } })
    await untilAnswers(`${address}/v1/sys/health`, server)
    await askOpenBao(facts, { path: 'sys/mounts/transit', body: { type: 'transit' } })
    return { facts, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
