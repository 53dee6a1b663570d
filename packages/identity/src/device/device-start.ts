import { Refusal, type Secret } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
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

/** Begins a log-in that is finished in a browser. The address that is told is the configured one: a request's own Host would lead people elsewhere. */
export const deviceStart = (deps: HandlerDeps): Handler<'auth.deviceStart'> => async (permit) => {
  const device = createDeviceCode(deps.random)
  const expiresAt = new Date(deps.clock.now().getTime() + lifeSeconds * 1000)
  const { userCode } = await deps.change(permit, (tx) => addGrant(tx, deps, permit, { hash: device.hash, expiresAt }), ({ id }) => ({ detail: { grant: id } }))
  return describe(deps, { code: device.code, userCode: shownUserCode(userCode), expiresAt })
}

async function addGrant(tx: Parameters<typeof insertDeviceGrant>[0], { clock, random }: HandlerDeps, permit: Parameters<Handler<'auth.deviceStart'>>[0], grant: { hash: Buffer; expiresAt: Date }): Promise<{ id: string; userCode: string }> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const [id, userCode] = [random.id(), createUserCode(random)]
    const added = await insertDeviceGrant(tx, {
      id, device_code_hash: grant.hash, user_code: userCode, client: permit.input.client, address: permit.call.address, user_agent: permit.call.userAgent.slice(0, userAgentCharactersMax),
      requested_at: clock.now(), expires_at: grant.expiresAt, state: 'waiting', user_id: null, claimed_by: null, decided_at: null, polled_at: null, interval_seconds: intervalSecondsFirst, session_id: null,
    })
    if (added) return { id, userCode }
  }
  throw new Refusal('unavailable', { retryAfterSeconds: 1 })
}

function describe({ config }: HandlerDeps, { code, userCode, expiresAt }: { code: Secret<string>; userCode: string; expiresAt: Date }) {
  const verificationUri = `${config.publicUrl.replace(/\/+$/, '')}/device`
  return { deviceCode: code, userCode, verificationUri, verificationUriComplete: `${verificationUri}?user_code=${userCode}`, expiresAt, intervalSeconds: intervalSecondsFirst }
}
