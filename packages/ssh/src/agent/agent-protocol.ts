import type { KeyObject } from 'node:crypto'
import { concatBytes, encodeString, encodeUint32, equalBytes, readWhole } from '../wire/binary.ts'
import { encodeSignature, signEd25519 } from '../wire/ed25519.ts'
import { SshWireError } from '../wire/ssh-wire-error.ts'

/** What the agent answers for: a key, shown as itself or as its certificate. */
export interface AgentIdentity {
  readonly privateKey: KeyObject
  readonly blob: Uint8Array
  readonly comment: string
}

/** draft-miller-ssh-agent: the numbers that we speak. */
const MESSAGE = { failure: 5, requestIdentities: 11, identitiesAnswer: 12, signRequest: 13, signResponse: 14 } as const

const failure = Uint8Array.of(MESSAGE.failure)

/**
 * Answers one request. Lists our identity and signs with it; everything else (adding, removing, locking, extensions)
 * fails.
 */
export const answerAgentRequest = (message: Uint8Array, identity: AgentIdentity): Uint8Array => {
  try {
    return readWhole(message, (reader) => {
      switch (reader.byte()) {
        case MESSAGE.requestIdentities:
          return identitiesAnswer(identity)
        case MESSAGE.signRequest:
          return signResponse({ blob: reader.string(), data: reader.string(), flags: reader.uint32() }, identity)
        default:
          return (reader.rest(), failure)
      }
    })
  } catch (cause) {
    // A malformed request is answered, not thrown: one bad client must not end the process that holds the agent.
    if (cause instanceof SshWireError) return failure
    throw cause
  }
}

const identitiesAnswer = ({ blob, comment }: AgentIdentity): Uint8Array =>
  concatBytes(Uint8Array.of(MESSAGE.identitiesAnswer), encodeUint32(1), encodeString(blob), encodeString(comment))

/** The flags choose hashes for RSA and mean nothing for Ed25519. */
const signResponse = (
  request: { readonly blob: Uint8Array; readonly data: Uint8Array; readonly flags: number },
  identity: AgentIdentity,
): Uint8Array =>
  equalBytes(request.blob, identity.blob)
    ? concatBytes(
        Uint8Array.of(MESSAGE.signResponse),
        encodeString(encodeSignature(signEd25519(identity.privateKey, request.data))),
      )
    : failure
