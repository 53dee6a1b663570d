import { invalidField, Refusal, type OperationName, type Wire } from '@gatehouse/contract'
import { Fault, type Clock } from '@gatehouse/enforcement'
import { looksLikeApiToken, looksLikeTransitToken } from '@gatehouse/identity'
import type { RequestContext, Runner } from '../transports/run.ts'
import { dataAnswer, errorAnswer, failedAnswer, problemTexts } from './answers.ts'
import { early } from './early.ts'
import {
  boundInput,
  cipherInput,
  isUnset,
  plainInput,
  readBatch,
  readFields,
  unreadIn,
  wholeItem,
  type Fields,
  type Item,
} from './request.ts'
import { isMethodOf, vaultRoute, type TransitAction } from './route.ts'
import { sshVerifyAnswer } from './ssh-verify.ts'

export interface VaultDeps {
  readonly runner: Runner
  /** Rejects while this gateway cannot work. */
  readonly ready: () => Promise<void>
  readonly clock: Clock
}

/** One request of somebody known, about one key. */
interface Asked {
  readonly runner: Runner
  readonly context: RequestContext
  readonly key: string
}

/**
 * Vault's Transit engine, as its clients ask it, and what helpers on hosts ask of its SSH engine. Each request is one
 * operation of ours, of whoever shows the token, so that the same policies, limits and audit entries hold; there is
 * nothing here that an operation does not do.
 */
export const vaultEndpoint =
  ({ runner, ready, clock }: VaultDeps) =>
  async (context: RequestContext): Promise<Response> => {
    const { req } = context.http
    const route = vaultRoute(req.path)
    if (route === null) return errorAnswer(404, 'no handler for route')
    if (!isMethodOf(route, req.method)) return errorAnswer(405, 'unsupported operation')
    if (route.kind === 'sshVerify') return sshVerifyAnswer({ runner, context })
    if (route.kind !== 'transit' && route.kind !== 'token') return standing(ready, route.kind)
    try {
      await early({ runner, context }, () => requireCaller(runner, context))
      if (route.kind === 'token') return await tokenAnswer({ runner, context }, clock.now())
      return await answers[route.action]({ runner, context, key: route.key })
    } catch (error) {
      if (error instanceof Refusal || error instanceof Fault) return failedAnswer(error)
      throw error
    }
  }

/** Strangers learn no shapes, and nobody is given less than they asked for: a wrapped answer, or another namespace. */
async function requireCaller(runner: Runner, { caller, http: { req } }: RequestContext): Promise<void> {
  if (req.header('x-vault-token') !== undefined && req.header('authorization') !== undefined)
    throw invalidField('X-Vault-Token', 'this or Authorization, not both')
  if (caller.credential === null || !isForClients(caller.credential))
    throw new Refusal('unauthenticated', { hint: 'show a token of a service account, or one of `kms facade-token`' })
  const unknown = await runner.whyUnknown(caller)
  if (unknown?.details.reason !== undefined) throw unknown
  if (unknown !== null)
    throw new Refusal('unauthenticated', { hint: 'the token is not good, or not from where it was shown' })
  const wrapped = req.header('x-vault-wrap-ttl')
  if (wrapped !== undefined && wrapped !== '' && wrapped !== '0')
    throw invalidField('X-Vault-Wrap-TTL', 'none: answers are not wrapped here')
  const namespace = req.header('x-vault-namespace') ?? ''
  if (!['', '/', 'root', 'root/'].includes(namespace))
    throw invalidField('X-Vault-Namespace', 'none: there are no namespaces here')
}

/** A log-in does not belong into the files and environments where Vault's clients keep what they are given. */
const isForClients = (credential: string): boolean => looksLikeApiToken(credential) || looksLikeTransitToken(credential)

const answers = {
  encrypt: (asked) => manyAnswer(asked, 'kms.encrypt', plainInput),
  decrypt: (asked) => manyAnswer(asked, 'kms.decrypt', cipherInput),
  rewrap: (asked) => manyAnswer(asked, 'kms.rewrap', cipherInput),
  'datakey/plaintext': (asked) => dataKeyAnswer(asked, (made) => ({ plaintext: made.plaintext })),
  'datakey/wrapped': (asked) => dataKeyAnswer(asked, () => ({})),
  keys: (asked) => keyAnswer(asked),
} as const satisfies Record<TransitAction, (asked: Asked) => Promise<Response>>

type ManyName = 'kms.encrypt' | 'kms.decrypt' | 'kms.rewrap'
type Outcome = { readonly reference: string | null } & (
  | { readonly data: object; readonly error: null }
  | { readonly data: null; readonly error: string }
)

/** What came of each thing that was asked; of one alone an error is the whole answer. */
async function manyAnswer<T>(asked: Asked, name: ManyName, read: (item: Fields) => T): Promise<Response> {
  const { isList, items, partialStatus, unread } = await early(asked, async () =>
    readBatch(await readFields(asked.context), read),
  )
  const outcomes = await outcomesOf(asked, name, items)
  const { requestId } = asked.context
  const [first] = outcomes
  if (!isList)
    return first?.data ? dataAnswer({ requestId, data: first.data, unread }) : errorAnswer(400, first?.error ?? '')
  const good = outcomes.filter(({ error }) => error === null).length
  const failed = good === 0 ? 400 : partialStatus
  const results = outcomes.map(({ reference, data, error }) => ({
    ...(data ?? { error }),
    ...(reference === null ? {} : { reference }),
  }))
  const status = good === outcomes.length ? 200 : failed
  return dataAnswer({ requestId, data: { batch_results: results }, status, unread })
}

async function outcomesOf<T>(asked: Asked, name: ManyName, items: readonly Item<T>[]): Promise<readonly Outcome[]> {
  const inputs = items.flatMap(({ input }) => (input === null ? [] : [input]))
  const made =
    inputs.length === 0 ? await nothingAsked(asked) : (await call(asked, name, { key: asked.key, items: inputs })).items
  const next = made[Symbol.iterator]()
  return items.map(({ reference, error }) =>
    error === null ? { reference, ...outcomeOf(next.next().value) } : { reference, data: null, error },
  )
}

/** All items were wrong, and each answer says why: nobody decided anything, and it is recorded. */
async function nothingAsked({ runner, context }: Asked): Promise<readonly Made[]> {
  await runner.refused(context, new Refusal('invalid-input'))
  return []
}

type Made = Wire<ManyName>['items'][number]

function outcomeOf(made: Made | undefined): { data: object; error: null } | { data: null; error: string } {
  if (made === undefined) return { data: null, error: 'no answer' }
  if (made.problem !== null) return { data: null, error: problemTexts[made.problem] }
  return { data: 'plaintext' in made ? { plaintext: made.plaintext } : sealedData(made), error: null }
}

/** A ciphertext as Vault writes it: the version stands before our envelope, and in it. */
const sealedData = ({ ciphertext, keyVersion }: { ciphertext: string | null; keyVersion: number | null }) => ({
  ciphertext: `vault:v${keyVersion}:${ciphertext}`,
  key_version: keyVersion,
})

/** Bits of a data key: what AES-256 takes. */
const dataKeyBits = 256

async function dataKeyAnswer(
  asked: Asked,
  shown: (made: Wire<'kms.generateDataKey'>) => { readonly plaintext?: string },
): Promise<Response> {
  const { context, key } = asked
  const { fields, input } = await early(asked, async () => {
    const read = await readFields(context)
    return { fields: read, input: dataKeyIn(read) }
  })
  const made = await call(asked, 'kms.generateDataKey', { key, ...input })
  const data = { ...sealedData(made), ...shown(made) }
  return dataAnswer({ requestId: context.requestId, data, unread: unreadIn(fields) })
}

function dataKeyIn(fields: Fields): ReturnType<typeof boundInput> {
  const { bits } = fields
  if (!isUnset(bits) && Number(bits) !== dataKeyBits) throw invalidField('bits', String(dataKeyBits))
  return wholeItem(fields, boundInput)
}

async function keyAnswer({ runner, context, key }: Asked): Promise<Response> {
  try {
    const found = await call({ runner, context }, 'kmsKey.get', { id: key })
    return dataAnswer({ requestId: context.requestId, data: keyData(found) })
  } catch (error) {
    // Vault's own word for what is not there to read
    if (error instanceof Refusal && error.code === 'not-found') return errorAnswer(404)
    throw error
  }
}

const keyData = (key: Wire<'kmsKey.get'>) => ({
  name: key.name,
  type: 'aes256-gcm96',
  // as Vault has it of keys that encrypt: when each version was made, in seconds
  keys: Object.fromEntries(
    key.versions.map(({ version, createdAt }) => [version, Math.floor(Date.parse(createdAt) / 1000)]),
  ),
  latest_version: key.currentVersion,
  min_decryption_version: key.minimumVersion,
  min_encryption_version: 0,
  deletion_allowed: !key.deletionGuard,
  derived: false,
  exportable: false,
  allow_plaintext_backup: false,
  imported_key: false,
  supports_encryption: key.state === 'enabled',
  supports_decryption: key.state === 'enabled' || key.state === 'decrypt-only',
  supports_derivation: false,
  supports_signing: false,
})

const call = async <N extends OperationName>(
  { runner, context }: Pick<Asked, 'runner' | 'context'>,
  name: N,
  input: unknown,
): Promise<Wire<N>> =>
  // encoded by the operation's own output
  (await runner.call(context, name, input)) as Wire<N>

/** What the token that was shown is worth. It is not repeated: whoever asks has it. */
async function tokenAnswer({ runner, context }: Pick<Asked, 'runner' | 'context'>, now: Date): Promise<Response> {
  const { requestId, caller } = context
  const found = await call({ runner, context }, 'auth.verify', { token: caller.credential })
  // one that is good was ended a moment ago, or is a person's own, which only their machine asks about
  if (!found.active) throw new Refusal('unauthenticated')
  return dataAnswer({ requestId, data: tokenData(found, Math.floor(now.getTime() / 1000)) })
}

const tokenData = (found: Wire<'auth.verify'>, now: number) => ({
  accessor: found.jti ?? '',
  creation_time: found.iat ?? 0,
  creation_ttl: found.exp === undefined || found.iat === undefined ? 0 : found.exp - found.iat,
  display_name: found.username ?? found.client_id ?? '',
  entity_id: found.sub ?? '',
  expire_time: found.exp === undefined ? null : new Date(found.exp * 1000).toISOString(),
  explicit_max_ttl: 0,
  id: '',
  meta: null,
  num_uses: 0,
  orphan: true,
  path: 'auth/token/create',
  policies: found.scope?.split(' ') ?? [],
  renewable: false,
  ttl: found.exp === undefined ? 0 : Math.max(0, found.exp - now),
  type: 'service',
})

/** How it stands, as its clients ask before they do anything; of what it is they learn nothing. */
const standings = {
  health: (sealed: boolean) => ({ initialized: true, sealed, standby: false, performance_standby: false }),
  // nobody opens it by shares of a key: one of one, so that a client counts none that are missing
  'seal-status': (sealed: boolean) => ({
    type: 'gatehouse',
    initialized: true,
    sealed,
    t: 1,
    n: 1,
    progress: 0,
    nonce: '',
    version: '',
    build_date: '',
    migration: false,
    recovery_seal: false,
    storage_type: '',
  }),
  // each gateway answers for itself
  leader: () => ({ ha_enabled: false, is_self: false, leader_address: '', leader_cluster_address: '' }),
} as const

type Standing = keyof typeof standings

/** Whether this gateway works. */
const standing = (ready: () => Promise<void>, kind: Standing): Promise<Response> =>
  ready().then(
    () => standingAnswer(kind, { sealed: false }),
    () => standingAnswer(kind, { sealed: true }),
  )

const standingAnswer = (kind: Standing, { sealed }: { readonly sealed: boolean }): Response =>
  Response.json(standings[kind](sealed), {
    status: kind === 'health' && sealed ? 503 : 200,
    headers: { 'cache-control': 'no-store' },
  })
