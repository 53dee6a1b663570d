import { operations, type OperationName, type Raw, type SubscriptionName, type Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { ClientParts } from './client-parts.ts'
import { boundTo, thumbprintOf, type ProofKey } from './dpop-proof.ts'
import { readEvents } from './event-stream.ts'
import type { Server } from './find-server.ts'
import { givenToken, refusedToken, type GivenToken } from './given-token.ts'
import { openKnownDevice, type KnownDevice } from './known-device.ts'
import { bearerOf, refreshTokens } from './refresh-tokens.ts'
import { openTokenStore, type StoredTokens, type TokenStore } from './token-store.ts'
import { callTrpc, errorOf, openTrpcStream, type Bearer } from './trpc.ts'

/** Calls operations of one server as one account. */
export interface Client {
  readonly server: Server
  readonly tokens: TokenStore
  /** What the server knows this machine by. */
  readonly device: KnownDevice
  /** The bearer's token that would be sent now; null without log-in. */
  readonly bearer: () => Promise<string | null>
  /** Exchanges the tokens now; null when there is no session to go on with. */
  readonly refresh: () => Promise<string | null>
  readonly call: <N extends OperationName>(name: N, input: Raw<N>) => Promise<Wire<N>>
  readonly subscribe: <N extends SubscriptionName>(
    name: N,
    input: Raw<N>,
    signal: AbortSignal,
  ) => AsyncGenerator<Wire<N>>
}

/** A token nearer to its end than this is refreshed first, so that it does not die on the way. */
const REFRESH_BEFORE_MS = 30_000

/** Opens a client: tokens of the environment as they are, ours kept fresh. */
export const openClient = (parts: ClientParts): Client => {
  const tokens = openTokenStore(parts.config, parts.server)
  const bearer = (): Promise<Bearer | null> => currentBearer(parts, tokens)
  return {
    server: parts.server,
    tokens,
    bearer: async () => (await bearer())?.token ?? null,
    device: openKnownDevice(parts.config, parts.server),
    refresh: async () => {
      const stored = await tokens.read()
      return stored === null
        ? null
        : ((await refreshTokens({ parts, tokens, used: stored.accessToken }))?.token ?? null)
    },
    // the server answers by the contract that both sides are built from
    call: async (name, input) => (await callWithToken({ parts, tokens, name, input })) as never,
    subscribe: (name, input, signal) => subscribe({ parts, tokens, name, input, signal }) as never, // as for call
  }
}

interface Calling {
  readonly parts: ClientParts
  readonly tokens: TokenStore
  readonly name: OperationName
  readonly input: unknown
}

/** Operations that need no session are called without one: a dead session must not stand in their way. */
const needsToken = (name: OperationName): boolean => operations[name].assurance !== 'none' || name === 'auth.verify'

const callWithToken = async ({ parts, tokens, name, input }: Calling): Promise<unknown> => {
  const { kind } = operations[name]
  const device = showsDevice.includes(name) ? await openKnownDevice(parts.config, parts.server).read() : null
  const send = (bearer: Bearer | null): Promise<unknown> =>
    callTrpc({ server: parts.server.url, name, kind, input, bearer, device, over: parts.over })
  if (!needsToken(name)) return send(null)
  // what one's own token is worth is asked without it: policy lets few programs ask about tokens, but anybody may
  if (name === 'auth.verify' && (await currentBearer(parts, tokens))?.token === askedAbout(input)) return send(null)
  return withFreshToken({ parts, tokens }, send)
}

const askedAbout = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && 'token' in input ? input.token : null

/** Calls that count guesses, and those that give a device its token. */
const showsDevice: readonly OperationName[] = ['auth.login', 'auth.completeMfa', 'password.change']

/** Sends, and once more with a new token when the old one is not taken any more: a refused call was not done. */
const withFreshToken = async <T>(
  { parts, tokens }: Pick<Calling, 'parts' | 'tokens'>,
  send: (bearer: Bearer | null) => Promise<T>,
): Promise<T> => {
  const bearer = await currentBearer(parts, tokens)
  try {
    return await send(bearer)
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'unauthenticated' || bearer === null) throw error
    if (bearer.given !== undefined) throw refusedToken(bearer.given, error)
    if (parts.bearer !== undefined) throw error
    const fresh = await refreshTokens({ parts, tokens, used: bearer.token })
    if (fresh === null) throw error
    return send(fresh)
  }
}

/** A token to send, and the variable that it comes from. */
interface CurrentBearer extends Bearer {
  readonly given?: GivenToken
}

const currentBearer = async (parts: ClientParts, tokens: TokenStore): Promise<CurrentBearer | null> => {
  if (parts.bearer !== undefined) return { token: parts.bearer, key: null }
  const given = await givenToken(parts.config)
  if (given !== null) return { token: given.token, key: await keptKeyOf(given.token, tokens), given }
  const stored = await tokens.read()
  if (stored === null) return null
  return (
    (endsSoon(stored, parts.now()) ? await refreshTokens({ parts, tokens, used: stored.accessToken }) : null) ??
    bearerOf(stored)
  )
}

/** The key that a token is bound to, where it is the one of this account's own log-in: so are emergency tokens. */
async function keptKeyOf(token: string, tokens: TokenStore): Promise<ProofKey | null> {
  const thumbprint = boundTo(token)
  if (thumbprint === null) return null
  const key = (await tokens.read())?.key
  return key !== undefined && thumbprintOf(key) === thumbprint ? key : null
}

const endsSoon = ({ accessExpiresAt, refreshToken }: StoredTokens, now: Date): boolean =>
  refreshToken !== null && accessExpiresAt !== null && Date.parse(accessExpiresAt) - now.getTime() < REFRESH_BEFORE_MS

async function* subscribe({
  parts,
  tokens,
  name,
  input,
  signal,
}: Calling & { signal: AbortSignal }): AsyncGenerator<unknown> {
  const body = await withFreshToken({ parts, tokens }, (bearer) =>
    openTrpcStream({ server: parts.server.url, name, kind: 'subscription', input, bearer }, signal),
  )
  for await (const { event, data } of readEvents(body)) {
    if (event === 'message') yield JSON.parse(data)
    if (event === 'serialized-error') throw errorOf(JSON.parse(data), 200)
    if (event === 'return') return
  }
}
