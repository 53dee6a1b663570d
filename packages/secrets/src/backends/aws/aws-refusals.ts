import { BackendError } from '../backend-error.ts'

const refusedNames: ReadonlySet<string> = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
])

/** True when AWS does not take the key that we have. */
export const isRefusedKey = (error: unknown): boolean =>
  error instanceof BackendError && error.cause instanceof Error && refusedNames.has(error.cause.name)
