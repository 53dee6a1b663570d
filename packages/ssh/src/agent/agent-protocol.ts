import { concatBytes, encodeString, encodeUint32, equalBytes, readAll, readWhole } from '../wire/binary.ts'
import { encodeSignature } from '../wire/ed25519.ts'
import { SshWireError } from '../wire/ssh-wire-error.ts'

/** What the agent answers for: a key, shown as itself or as its certificate. */
export interface AgentIdentity {
  readonly blob: Uint8Array
  /** The raw Ed25519 signature; null: it does not sign. */
  readonly sign: (data: Uint8Array) => Uint8Array | null
  readonly comment: string
  /** The key of the one host that it opens: to a client that says where it is, it is shown for that host alone. */
  readonly hostKey?: Uint8Array
}

/** Where the keys come from. Asked each time somebody wants to see them, so that they can be renewed by then. */
export interface AgentSource {
  /** Throws nothing: what cannot be had is not in the list. */
  readonly identities: () => Promise<readonly AgentIdentity[]>
}

/** What a client has told of itself, by OpenSSH's `session-bind@openssh.com`. */
export interface AgentConnection {
  /** The key of the host to which it is about to log in; null: it has not said. */
  readonly hostKey: Uint8Array | null
  /** Whether somebody on a host asks, through an agent that was forwarded there. */
  readonly forwarded: boolean
}

/** Of a client that has said nothing yet. */
export const newConnection: AgentConnection = { hostKey: null, forwarded: false }

/** An answer, and what is known of the client from now on. */
export interface AgentAnswer {
  readonly message: Uint8Array
  readonly connection: AgentConnection
}

/** draft-miller-ssh-agent: the numbers that we speak. */
const MESSAGE = {
  failure: 5,
  success: 6,
  requestIdentities: 11,
  identitiesAnswer: 12,
  signRequest: 13,
  signResponse: 14,
  extension: 27,
} as const

const failure = Uint8Array.of(MESSAGE.failure)
const success = Uint8Array.of(MESSAGE.success)

type Request =
  | { readonly kind: 'list' }
  | { readonly kind: 'sign'; readonly blob: Uint8Array; readonly data: Uint8Array }
  | { readonly kind: 'bind'; readonly hostKey: Uint8Array; readonly forwarded: boolean }

/**
 * Answers one request. Lists our identities and signs with them; everything else (adding, removing, locking) fails.
 * A client on another host, to which the agent was forwarded, gets nothing: the keys are for this machine's programs.
 */
export const answerAgentRequest = async (
  message: Uint8Array,
  { source, connection }: { readonly source: AgentSource; readonly connection: AgentConnection },
): Promise<AgentAnswer> => {
  const request = readRequest(message)
  if (request === null) return { message: failure, connection }
  if (request.kind === 'bind') {
    const { hostKey, forwarded } = request
    return { message: success, connection: { hostKey, forwarded: connection.forwarded || forwarded } }
  }
  const shown = connection.forwarded
    ? []
    : (await source.identities()).filter((identity) => opens(identity, connection))
  return { message: request.kind === 'list' ? identitiesAnswer(shown) : signResponse(request, shown), connection }
}

/** Null for what we do not serve, and for what is malformed: one bad client must not end the process. */
const readRequest = (message: Uint8Array): Request | null => {
  try {
    return readWhole(message, (reader): Request | null => {
      switch (reader.byte()) {
        case MESSAGE.requestIdentities:
          return { kind: 'list' }
        case MESSAGE.signRequest: {
          const request = { kind: 'sign', blob: reader.string(), data: reader.string() } as const
          reader.uint32() // the flags choose hashes for RSA and mean nothing for Ed25519
          return request
        }
        case MESSAGE.extension:
          return reader.text() === 'session-bind@openssh.com' ? readBinding(reader.rest()) : (reader.rest(), null)
        default:
          return (reader.rest(), null)
      }
    })
  } catch (cause) {
    if (cause instanceof SshWireError) return null
    throw cause
  }
}

/**
 * OpenSSH's PROTOCOL.agent section 1: host key, session id, the host's signature over it, whether it is forwarded. The
 * signature is not looked at: the binding narrows what is shown, and a certificate of ours opens its own host alone.
 */
const readBinding = (fields: Uint8Array): Request =>
  readWhole(fields, (reader) => {
    const hostKey = reader.string()
    reader.string()
    reader.string()
    return { kind: 'bind', hostKey, forwarded: reader.byte() !== 0 }
  })

const opens = ({ hostKey }: AgentIdentity, connection: AgentConnection): boolean =>
  hostKey === undefined || connection.hostKey === null || equalBytes(hostKey, connection.hostKey)

const identitiesAnswer = (identities: readonly AgentIdentity[]): Uint8Array =>
  concatBytes(
    Uint8Array.of(MESSAGE.identitiesAnswer),
    encodeUint32(identities.length),
    ...identities.flatMap(({ blob, comment }) => [encodeString(blob), encodeString(comment)]),
  )

const signResponse = (
  { blob, data }: { readonly blob: Uint8Array; readonly data: Uint8Array },
  identities: readonly AgentIdentity[],
): Uint8Array => {
  const signature = identities.find((candidate) => equalBytes(candidate.blob, blob))?.sign(data) ?? null
  return signature === null
    ? failure
    : concatBytes(Uint8Array.of(MESSAGE.signResponse), encodeString(encodeSignature(signature)))
}

/** The request for a list of identities, as it goes over the wire. */
export const listRequest = (): Uint8Array => encodeString(Uint8Array.of(MESSAGE.requestIdentities))

/** How many identities such an answer names; null: it is no such answer. */
export const identityCount = (message: Uint8Array): number | null => {
  try {
    return readWhole(message, (reader) => {
      if (reader.byte() !== MESSAGE.identitiesAnswer) return (reader.rest(), null)
      const count = reader.uint32()
      readAll(reader.rest(), (item) => [item.string(), item.string()])
      return count
    })
  } catch (cause) {
    if (cause instanceof SshWireError) return null
    throw cause
  }
}
