import { z } from 'zod'
import { MfaMethod, Tokens } from './auth-outputs.ts'
import { Instant, SecretText, WebauthnJson } from './scalars.ts'

const id = z.string()

/** What a browser is to sign: `PublicKeyCredentialRequestOptionsJSON`. */
export const WebauthnOptions = z.object({ options: WebauthnJson }).meta({ id: 'WebauthnOptions' })
export const PasskeyOptions = z.object({ id, options: WebauthnJson, expiresAt: Instant }).meta({ id: 'PasskeyOptions' })
/** `PublicKeyCredentialCreationOptionsJSON` under the id of the ceremony. */
export const WebauthnRegistration = z
  .object({ id, options: WebauthnJson, expiresAt: Instant })
  .meta({ id: 'WebauthnRegistration' })
export const DeviceDecision = z.enum(['look', 'approve', 'deny']).meta({ id: 'DeviceDecision' })
export const DeviceGrantState = z
  .enum(['waiting', 'approved', 'denied', 'used', 'expired'])
  .meta({ id: 'DeviceGrantState' })
/** RFC 8628 §3.2. */
export const DeviceStart = z
  .object({
    deviceCode: SecretText,
    userCode: z.string(),
    verificationUri: z.string(),
    verificationUriComplete: z.string(),
    expiresAt: Instant,
    intervalSeconds: z.int(),
  })
  .meta({ id: 'DeviceStart' })
/**
 * `options` is null where the person has no key, and where a browser is asked instead: `browser` says where, and how to
 * learn what came of it.
 */
export const StepUpOptions = z
  .object({ methods: z.array(MfaMethod), options: WebauthnJson.nullable(), browser: DeviceStart.nullable() })
  .meta({ id: 'StepUpOptions' })
export const DeviceGrantPurpose = z.enum(['login', 'stepUp']).meta({ id: 'DeviceGrantPurpose' })
/** What is asked, and from where: who approves must be able to tell whether it was he. */
export const DeviceGrant = z
  .object({
    purpose: DeviceGrantPurpose,
    userCode: z.string(),
    client: z.string(),
    address: z.string(),
    device: z.string(),
    requestedAt: Instant,
    expiresAt: Instant,
    state: DeviceGrantState,
  })
  .meta({ id: 'DeviceGrant' })
/**
 * `waiting`: poll again no sooner than after `intervalSeconds`. Tokens come once, with `used`; none come where a
 * session was raised.
 */
export const DevicePoll = z
  .object({ state: DeviceGrantState, intervalSeconds: z.int(), tokens: Tokens.nullable() })
  .meta({ id: 'DevicePoll' })
