import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { CallFacts, Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { createDeviceCode, createUserCode, shownUserCode } from './device-codes.ts'
import { insertDeviceGrant } from './device-grant.queries.ts'

/** Long enough to find the other screen and to log in there; no longer, since the code is short. */
const lifeSeconds = 10 * 60

/** RFC 8628 §3.2. */
export const intervalSecondsFirst = 5

/** With a thousand grants alive two of them share a code once in twenty-five million. */
const triesMax = 3

/** How much of a client's name is kept; the rest says nothing to a person. */
const userAgentCharactersMax = 200

/** Begins a log-in that is finished in a browser. */
export const deviceStart =
  (deps: HandlerDeps): Handler<'auth.deviceStart'> =>
  async (permit) => {
    const { start } = await deps.change(
      permit,
      (tx) => openGrant(tx, deps, { client: permit.input.client, call: permit.call, raises: null }),
      ({ id }) => ({ detail: { grant: id } }),
    )
    return start
  }

/** What a device asks of a browser: to be logged in, or that its session be raised. */
export interface GrantWish {
  readonly client: string
  readonly call: CallFacts
  readonly raises: { readonly session: string; readonly user: string } | null
}

export interface OpenedGrant {
  readonly id: string
  readonly start: Output<'auth.deviceStart'>
}

/** Opens a grant. The address that is told is the configured one: a request's own Host would lead people elsewhere. */
export async function openGrant(tx: Transaction, deps: HandlerDeps, wish: GrantWish): Promise<OpenedGrant> {
  const device = createDeviceCode(deps.random)
  const expiresAt = new Date(deps.clock.now().getTime() + lifeSeconds * 1000)
  const { id, userCode } = await addGrant(tx, deps, { ...wish, hash: device.hash, expiresAt })
  const [verificationUri, shown] = [`${deps.config.publicUrl.replace(/\/+$/, '')}/device`, shownUserCode(userCode)]
  return {
    id,
    start: {
      deviceCode: device.code,
      userCode: shown,
      verificationUri,
      verificationUriComplete: `${verificationUri}?user_code=${shown}`,
      expiresAt,
      intervalSeconds: intervalSecondsFirst,
    },
  }
}

async function addGrant(
  tx: Transaction,
  { clock, random }: HandlerDeps,
  grant: GrantWish & { hash: Buffer; expiresAt: Date },
): Promise<{ id: string; userCode: string }> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const [id, userCode] = [random.id(), createUserCode(random)]
    const added = await insertDeviceGrant(tx, {
      id,
      device_code_hash: grant.hash,
      user_code: userCode,
      client: grant.client,
      address: grant.call.address,
      user_agent: grant.call.userAgent.slice(0, userAgentCharactersMax),
      raises: grant.raises?.session ?? null,
      requested_at: clock.now(),
      expires_at: grant.expiresAt,
      state: 'waiting',
      user_id: grant.raises?.user ?? null,
      claimed_by: null,
      decided_at: null,
      polled_at: null,
      interval_seconds: intervalSecondsFirst,
      session_id: null,
    })
    if (added) return { id, userCode }
  }
  throw new Refusal('unavailable', { retryAfterSeconds: 1 })
}
