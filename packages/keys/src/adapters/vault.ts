import { createHash, randomBytes } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import nodeVault from 'node-vault'
import { KekError, type KekFailure } from '../kek-error.ts'
import type { KekTraits, KeyEncryptionKey } from '../kek.ts'
import { dataKeyBytes } from '../wrap.ts'
import { jsonRequest } from './json-request.ts'

/** Where a key of Vault's Transit engine is, and what opens the door. */
export interface VaultKeyPlace {
  /** Such as `https://vault.example:8200`. */
  readonly address: string
  readonly mount: string
  readonly key: string
  readonly token: Secret<string>
}

/** Vault takes 32 MiB by default; more than this belongs into an envelope. */
const traits: KekTraits = {
  plaintextBytesMax: 64 * 1024,
  purpose: 'checked-there',
  dataKeys: 'made-here', // its own `datakey` takes no associated data
  reach: 'remote',
  quantum: 'safe',
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/
const mountForm = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,127}$/

/** A key of the Transit engine of a Vault or OpenBao. Throws `TypeError` for a place that is none; asks nobody yet. */
export function vaultKek({ address, mount, key, token }: VaultKeyPlace): KeyEncryptionKey {
  // a name goes into a path: `..` or a slash would ask for something else
  if (!nameForm.test(key) || !mountForm.test(mount) || mount.includes('..'))
    throw new TypeError('the name of a key or mount of Vault is letters, digits, `_`, `.` and `-`')
  const { origin } = new URL(address)
  const uri = `vault:${origin}/${mount}/keys/${key}`
  const client = nodeVault({
    endpoint: origin,
    token: token.expose(),
    'request-promise': { defaults: () => jsonRequest },
    debug: () => undefined, // it prints plaintexts where DEBUG is set
  })
  const at = (verb: string): string => `${mount}/${verb}/${key}`
  const using = { uri, client, at }
  return {
    uri,
    // by its place: to read more of a key is a right of its own in Vault
    fingerprint: `vault:${createHash('sha256').update(`${mount}/${key}`).digest('base64url')}`,
    traits,
    wrap: (dataKey, purpose) => wrap(using, dataKey, purpose),
    unwrap: (wrapped, purpose) => unwrap(using, wrapped, purpose),
    generate: async (purpose) => {
      const dataKey = randomBytes(dataKeyBytes)
      return { dataKey, wrapped: await wrap(using, dataKey, purpose) }
    },
    probe: () => requireUsable(using),
  }
}

interface Using {
  readonly uri: string
  readonly client: nodeVault.client
  readonly at: (verb: string) => string
}

async function wrap(using: Using, dataKey: Uint8Array, purpose: string): Promise<string> {
  if (dataKey.length > traits.plaintextBytesMax) throw new KekError('too-long', using.uri)
  await requireUsable(using) // Vault makes a key for whoever encrypts under a name that there is none of
  const input = { plaintext: base64(dataKey), associated_data: base64(Buffer.from(purpose, 'utf8')) }
  const answer = await call(using, () => using.client.write(using.at('encrypt'), input))
  return textOf(using, answer, 'ciphertext')
}

async function unwrap(using: Using, wrapped: string, purpose: string): Promise<Uint8Array> {
  if (!wrapped.startsWith('vault:v')) throw new KekError('unwrap-failed', using.uri)
  const input = { ciphertext: wrapped, associated_data: base64(Buffer.from(purpose, 'utf8')) }
  const answer = await call(using, () => using.client.write(using.at('decrypt'), input), 'unwrap-failed')
  return Buffer.from(textOf(using, answer, 'plaintext'), 'base64')
}

/** Of the kind that we use: a derived or convergent key seals the same plaintext to the same bytes. */
async function requireUsable(using: Using): Promise<void> {
  const answer = await call(using, () => using.client.read(using.at('keys')))
  const { supports_encryption: encrypts, derived, type } = dataOf(answer)
  if (encrypts !== true || derived === true || type !== 'aes256-gcm96') throw new KekError('key-unusable', using.uri)
}

/** `400` says different things of different calls. */
async function call(using: Using, ask: () => Promise<unknown>, badRequest: KekFailure = 'rejected'): Promise<unknown> {
  try {
    return await ask()
  } catch (cause) {
    const status = statusOf(cause)
    throw new KekError(status === 400 ? badRequest : failureOf(status), using.uri, { cause })
  }
}

function failureOf(status: number | null): KekFailure {
  if (status === null || status >= 500) return 'unreachable' // sealed and standby nodes answer with 5xx
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'no-such-key'
  return status === 429 ? 'throttled' : 'rejected'
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('response' in error)) return null
  const { response } = error
  const has = typeof response === 'object' && response !== null && 'statusCode' in response
  return has && typeof response.statusCode === 'number' ? response.statusCode : null
}

function dataOf(answer: unknown): Readonly<Record<string, unknown>> {
  const has = typeof answer === 'object' && answer !== null && 'data' in answer
  return has && typeof answer.data === 'object' ? { ...answer.data } : {}
}

function textOf({ uri }: Using, answer: unknown, field: string): string {
  const text = dataOf(answer)[field]
  if (typeof text !== 'string') throw new KekError('rejected', uri)
  return text
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
