import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { secret, type Secret } from '@gatehouse/contract'
import { isVaultPath, SopsError, stanzaOf, timeText, type KeyService } from '@gatehouse/sops'
import { z } from 'zod'
import type { Cli } from './cli.ts'
import type { CliConfig } from './config.ts'
import { printable } from './printable.ts'

/** A wrapped data key is some hundred bytes, and a key service answers at once. */
const TIMEOUT_MS = 10_000

const Encrypted = z.object({ data: z.object({ ciphertext: z.string() }) })
const Decrypted = z.object({ data: z.object({ plaintext: z.base64() }) })

/**
 * Vault's transit engine, and whatever speaks as it does, such as Gatehouse's own facade. A document names the address,
 * and a document may be a stranger's: only addresses that this machine names are asked, with a token of this machine.
 */
export const vaultTransit = ({ config, now }: Pick<Cli, 'config' | 'now'>): KeyService => ({
  type: 'hc_vault',
  wrap: async ({ fields }, dataKey) => {
    const key = keyOf(Object.fromEntries(fields))
    const address = allowedAddress(key.address, config)
    const plaintext = Buffer.from(dataKey.expose()).toString('base64')
    const { data } = await ask({ ...key, address, config }, { verb: 'encrypt', body: { plaintext }, answer: Encrypted })
    return stanzaOf('hc_vault', [...fields, ['created_at', timeText(now())], ['enc', data.ciphertext]])
  },
  unwrap: async ({ fields }) => {
    const address = originOf(fields['vault_address'] ?? '')
    if (address === null || !allowedOrigins(config).includes(address)) return null
    const body = { ciphertext: fields['enc'] ?? '' }
    const { data } = await ask({ ...keyOf(fields), address, config }, { verb: 'decrypt', body, answer: Decrypted })
    return secret(new Uint8Array(Buffer.from(data.plaintext, 'base64')))
  },
})

interface VaultKey {
  readonly address: string
  readonly engine: string
  readonly key: string
}

const keyOf = (fields: Fields): VaultKey => {
  const { vault_address: address = '', engine_path: engine = '', key_name: key = '' } = fields
  if (!isVaultPath(engine, key))
    throw new SopsError('bad-recipient', `\`${`${engine}/keys/${key}`.slice(0, 200)}\` is no key of a transit engine`)
  return { address, engine, key }
}

interface Question<T> {
  readonly verb: 'encrypt' | 'decrypt'
  readonly body: unknown
  readonly answer: z.ZodType<T>
}

const ask = async <T>(
  { address, engine, key, config }: VaultKey & { readonly config: CliConfig },
  { verb, body, answer }: Question<T>,
): Promise<T> => {
  const response = await fetch(`${address}/v1/${engine}/${verb}/${key}`, {
    method: 'POST',
    headers: { 'X-Vault-Token': tokenOf(config).expose(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error', // a token goes nowhere else
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new SopsError('no-key', `Vault at ${address} does not answer`, { cause })
  })
  if (!response.ok) {
    const why = await whyRefused(response)
    throw new SopsError('no-key', `Vault at ${address} refused to ${verb}: status ${response.status}${why}`)
  }
  const { data, success } = answer.safeParse(await response.json().catch(() => null))
  if (!success) throw new SopsError('no-key', `what is at ${address} does not answer as a transit engine does`)
  return data
}

const Refused = z.object({ errors: z.array(z.string()).min(1) })
/** One line of a message; whatever is longer is no reason. */
const reasonCharsMax = 300

/** What Vault says of it, where it says something: a status alone tells nobody that a token has expired. */
const whyRefused = async (response: Response): Promise<string> => {
  const { data } = Refused.safeParse(await response.json().catch(() => null))
  const said = data?.errors.join('; ').trim() ?? ''
  return said === '' ? '' : `, ${printable(said.slice(0, reasonCharsMax))}`
}

type Fields = Readonly<Record<string, string>>

const allowedOrigins = ({ environment }: CliConfig): readonly string[] =>
  [environment['VAULT_ADDR'] ?? '', ...(environment['GATEHOUSE_VAULT_ADDRESSES'] ?? '').split(',')]
    .map((address) => originOf(address.trim()))
    .filter((origin) => origin !== null)

const originOf = (address: string): string | null => (URL.canParse(address) ? new URL(address).origin : null)

const allowedAddress = (address: string, config: CliConfig): string => {
  const origin = originOf(address)
  if (origin !== null && allowedOrigins(config).includes(origin)) return origin
  throw new SopsError(
    'bad-recipient',
    `\`${address.slice(0, 200)}\` is not asked: name it in VAULT_ADDR or GATEHOUSE_VAULT_ADDRESSES if it is yours`,
  )
}

const tokenOf = ({ environment }: CliConfig): Secret<string> => {
  const given = environment['VAULT_TOKEN'] ?? ''
  if (given !== '') return secret(given)
  try {
    const path = environment['VAULT_TOKEN_FILE'] || join(environment['HOME'] || homedir(), '.vault-token')
    return secret(readFileSync(path, 'utf8').trim())
  } catch (cause) {
    throw new SopsError('no-key', 'there is no token for Vault: set VAULT_TOKEN or VAULT_TOKEN_FILE', { cause })
  }
}
