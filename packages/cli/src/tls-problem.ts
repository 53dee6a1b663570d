/** What is wrong between us and a server that speaks TLS, or should, and what to do. Nothing of a call was sent. */
export interface TlsProblem {
  readonly message: string
  readonly hint: string
}

const untrusted = {
  message: 'shows a certificate that this machine does not trust',
  hint:
    'if it is yours: GATEHOUSE_CA=FILE trusts the certificate in that PEM file, or whoever signed it' +
    ' (a development certificate lies in tls/development.crt of the state directory)',
} as const satisfies TlsProblem

const problems: Readonly<Record<string, TlsProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_HAS_EXPIRED: { message: 'shows a certificate that has expired', hint: 'renew it on the server' },
  CERT_NOT_YET_VALID: {
    message: 'shows a certificate that is not valid yet',
    hint: 'are the clocks of both machines right?',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    message: 'shows a certificate that was made for another name',
    hint: 'use the name that it was made for, or have it made for this one, too',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { message: 'does not speak TLS', hint: 'is its address http://…?' },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { message: 'does not speak TLS', hint: 'is its address http://…?' },
}

/** By the code that Node gives the failure; null for all that is not about TLS. */
export const tlsProblemOf = (code: string): TlsProblem | null =>
  Object.hasOwn(problems, code) ? (problems[code] ?? null) : null
