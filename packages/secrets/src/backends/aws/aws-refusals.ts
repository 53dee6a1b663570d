import { BackendError } from '../backend-error.ts'

const refusedNames: ReadonlySet<string> = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
])

const deniedNames: ReadonlySet<string> = new Set(['AccessDenied', 'AccessDeniedException'])

const isNamed = (error: unknown, names: ReadonlySet<string>): boolean =>
  error instanceof BackendError && error.cause instanceof Error && names.has(error.cause.name)

/** True when AWS does not take the key that we have. */
export const isRefusedKey = (error: unknown): boolean => isNamed(error, refusedNames)

/** True when AWS knows who asks, and does not let them. That a session is over is another thing, and not this. */
export const isDenied = (error: unknown): boolean => isNamed(error, deniedNames)
