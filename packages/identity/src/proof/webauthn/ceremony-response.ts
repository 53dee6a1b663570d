import { invalidField } from '@gatehouse/contract'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'

/** base64url without padding, as WebAuthn's JSON has it; as long as the longest credential id or key chain needs. */
const bytes = (characters: number) =>
  z
    .string()
    .max(characters)
    .regex(/^[A-Za-z0-9_-]*$/)

/** A credential id is at most 1023 bytes (WebAuthn §4). */
const credentialId = bytes(1364).min(1)

/** Browsers write some hundred bytes. */
const clientDataJson = bytes(8192).min(1)

/** A chain of four certificates and a TPM's statement stay well below this. */
const attestationObject = bytes(65_536).min(1)

/** Known transports are seven; what a browser calls them is stored and given back. */
const transports = z
  .array(
    z
      .string()
      .max(32)
      .regex(/^[a-z-]+$/),
  )
  .max(10)

const registration = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({ clientDataJSON: clientDataJson, attestationObject, transports: transports.optional() }),
})

const assertion = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: clientDataJson,
    authenticatorData: bytes(8192).min(1),
    signature: bytes(8192).min(1),
    userHandle: bytes(128).nullish(),
  }),
})

const clientData = z.object({
  type: z.string(),
  challenge: z.string().max(1024),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.unknown().optional(),
})

/** What the browser says it has asked the authenticator: signed, but read before the signature is checked. */
export interface ReadClientData {
  readonly challenge: string
  /** The page stood in another's frame. Nobody frames Gatehouse, so nobody who does means well. */
  readonly framed: boolean
}

/** A registration's answer of the right form. Throws `invalid-input` that names `field`. */
export function parseRegistration(
  field: string,
  json: Readonly<Record<string, unknown>>,
): { response: RegistrationResponseJSON; client: ReadClientData } {
  const parsed = registration.safeParse(json)
  const client = parsed.success ? readClientData(parsed.data.response.clientDataJSON) : null
  if (!parsed.success || client === null)
    throw invalidField(field, 'a `RegistrationResponseJSON` as the browser makes it')
  // transports are free text to the library, too
  return { response: { ...parsed.data, clientExtensionResults: {} }, client }
}

/** An assertion of the right form. Throws `invalid-input` that names `field`. */
export function parseAssertion(
  field: string,
  json: Readonly<Record<string, unknown>>,
): { response: AuthenticationResponseJSON; client: ReadClientData } {
  const parsed = assertion.safeParse(json)
  const client = parsed.success ? readClientData(parsed.data.response.clientDataJSON) : null
  if (!parsed.success || client === null)
    throw invalidField(field, 'an `AuthenticationResponseJSON` as the browser makes it')
  const { userHandle, ...rest } = parsed.data.response
  return {
    response: {
      ...parsed.data,
      response: { ...rest, ...(userHandle ? { userHandle } : {}) },
      clientExtensionResults: {},
    },
    client,
  }
}

function readClientData(encoded: string): ReadClientData | null {
  try {
    const parsed = clientData.safeParse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')))
    if (!parsed.success) return null
    const { challenge, crossOrigin, topOrigin } = parsed.data
    return { challenge, framed: crossOrigin === true || topOrigin !== undefined }
  } catch {
    return null
  }
}
