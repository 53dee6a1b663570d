import type { KekFailure } from '../kek-error.ts'

const failureByName: Readonly<Record<string, KekFailure>> = {
  AccessDenied: 'denied', // of STS
  AccessDeniedException: 'denied',
  UnrecognizedClientException: 'denied',
  InvalidClientTokenId: 'denied',
  InvalidSignatureException: 'denied',
  SignatureDoesNotMatch: 'denied',
  IncompleteSignature: 'denied',
  ExpiredToken: 'denied', // of STS
  ExpiredTokenException: 'denied',
  CredentialsProviderError: 'no-credentials',
  TokenProviderError: 'no-credentials',
  NotFoundException: 'no-such-key',
  DisabledException: 'key-unusable',
  KMSInvalidStateException: 'key-unusable',
  InvalidKeyUsageException: 'key-unusable',
  ThrottlingException: 'throttled',
  LimitExceededException: 'throttled',
  InvalidCiphertextException: 'unwrap-failed',
  IncorrectKeyException: 'unwrap-failed',
}

/** What an error of AWS's client means; one that came with a status and has no name of ours: `badRequest`. */
export function awsFailureOf(error: unknown, badRequest: KekFailure): KekFailure {
  const { name, status } = factsOf(error)
  const known = failureByName[name]
  if (known !== undefined) return known
  // what has no status never came to an answer
  return status === null || status >= 500 ? 'unreachable' : badRequest
}

interface AwsFacts {
  readonly name: string
  readonly status: number | null
}

function factsOf(error: unknown): AwsFacts {
  if (!(error instanceof Error)) return { name: '', status: null }
  const metadata = '$metadata' in error ? error.$metadata : null
  const has = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
  const status = has && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null
  return { name: error.name, status }
}
