// A gateway that listens, with keys and programs that use them, for tests of Vault's clients.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createHttpServer } from '../src/http-server.ts'
import { dataOf, startChain, type Answered, type Chain } from './chain-gateway.ts'

/** How it is asked, and by whom. */
export interface TransitSystem {
  readonly chain: Chain
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly address: string
  /** Tokens of programs by their names. */
  readonly tokens: Readonly<Record<ProgramName, string>>
  /** Asks as Vault's clients do. */
  readonly ask: (path: string, asked?: VaultAsked) => Promise<VaultAnswer>
  /** Calls an operation as somebody who is logged in; answers what it answers. */
  readonly call: (name: Parameters<Chain['trpc']>[0], input: unknown, as?: string) => Promise<Record<string, unknown>>
  close(): Promise<void>
}

export interface VaultAsked {
  readonly method?: string
  readonly body?: unknown
  /** As it is, where it is to be no JSON. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly as?: ProgramName | null
}

export interface VaultAnswer extends Pick<Answered, 'status' | 'headers' | 'text'> {
  readonly data: Readonly<Record<string, unknown>>
  /** Null where the answer has no `errors`. */
  readonly errors: readonly string[] | null
}

/** What each program's token may do, and from where; all are of the developers' team. */
const programs = {
  deployer: { scopes: ['kms.*', 'kmsKey.get'], sourceAddresses: ['127.0.0.1/32'] },
  writer: { scopes: ['kms.encrypt'], sourceAddresses: ['127.0.0.1/32'] },
  loose: { scopes: ['kmsKey.get'], sourceAddresses: [] },
  elsewhere: { scopes: ['kms.*', 'kmsKey.get'], sourceAddresses: ['192.0.2.0/24'] },
} as const
export type ProgramName = keyof typeof programs

/** Starts it. `shop-config` and `other` are keys of everybody's workspace, `theirs` is of a workspace of others. */
export async function startTransit(): Promise<TransitSystem> {
  const chain = await startChain({ people: ['ada-admin', 'dora-developer', 'oscar-operator', 'olga-operator'] })
  const server = createHttpServer(chain.gateway.app.fetch).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call: TransitSystem['call'] = async (name, input, as = 'ada-admin') => {
    const answer = await chain.trpc(name, input, { as })
    if (answer.status !== 200) throw new TypeError(`${name}: ${answer.text}`)
    return dataOf(answer)
  }
  await call('workspace.create', { name: 'vault', environment: 'development', teams: ['sre'] })
  for (const name of ['shop-config', 'other']) await call('kmsKey.create', { name })
  await call('kmsKey.create', { name: 'theirs', workspace: 'vault' })
  await call('serviceAccount.create', { name: 'deployer', teams: ['developers'] })
  const tokens = Object.fromEntries(
    await Promise.all(
      Object.entries(programs).map(async ([name, can]) => {
        const made = await call('apiToken.create', { name, purpose: 'tests', serviceAccount: 'deployer', ...can })
        return [name, String(made['token'])] as const
      }),
    ),
  ) as Record<ProgramName, string> // fromEntries forgets the names, which are those of `programs`
  return {
    chain,
    address,
    tokens,
    call,
    ask: asking(address, tokens),
    close: async () => {
      server.close()
      await chain.stop()
    },
  }
}

const asking =
  (address: string, tokens: Readonly<Record<ProgramName, string>>): TransitSystem['ask'] =>
  async (path, { method = 'POST', body, text, headers = {}, as = 'deployer' } = {}) => {
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { ...(as === null ? {} : { 'x-vault-token': tokens[as] }), ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    })
    const answered = await response.text()
    const read = (answered === '' ? {} : JSON.parse(answered)) as Partial<Pick<VaultAnswer, 'data' | 'errors'>>
    return {
      status: response.status,
      headers: response.headers,
      text: answered,
      data: read.data ?? {},
      errors: read.errors ?? null,
    }
  }
