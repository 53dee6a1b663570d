// A gateway that listens, with keys and programs that use them, for tests of Vault's clients.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHttpServer } from '../src/http-server.ts'
import { dataOf, startChain, type Answered, type Chain } from './chain-gateway.ts'

/** How it is asked, and by whom. */
export interface TransitSystem {
  readonly chain: Chain
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly address: string
  /** Tokens of programs by their names. */
  readonly tokens: Readonly<Record<ProgramName, string>>
  /** Asks as Vault's clients do, and again where a busy machine says to. */
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
  const chain = await startChain({
    tracesPerSecond: 1,
    people: ['ada-admin', 'dora-developer', 'oscar-operator', 'olga-operator'],
  })
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

/** How often somebody asks again whom a busy machine told to: an entry that waits for a second is not taken. */
const triesMax = 5

const asking = (
  address: string,
  tokens: Readonly<Record<ProgramName, string>>,
): ((path: string, asked?: VaultAsked) => Promise<VaultAnswer>) => {
  const askOnce = async (
    path: string,
    { method = 'POST', body, text, headers = {}, as = 'deployer' }: VaultAsked,
  ): Promise<VaultAnswer> => {
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { ...(as === null ? {} : { 'x-vault-token': tokens[as] }), ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    })
    return answerIn(response, await response.text())
  }
  return async (path, asked = {}) => {
    let answer = await askOnce(path, asked)
    for (let tries = 1; answer.status === 503 && tries < triesMax; tries += 1) {
      await sleep(Number(answer.headers.get('retry-after')) * 1000)
      answer = await askOnce(path, asked)
    }
    return answer
  }
}

function answerIn({ status, headers }: Response, text: string): VaultAnswer {
  const { data = {}, errors = null } = (text === '' ? {} : JSON.parse(text)) as Partial<VaultAnswer>
  return { status, headers, text, data, errors }
}
