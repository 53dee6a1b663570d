import { proofAlgorithms } from '@gatehouse/contract'

export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Where each endpoint answers. */
export const paths = {
  token: '/oauth/token',
  revoke: '/oauth/revoke',
  introspect: '/oauth/introspect',
  deviceAuthorization: '/oauth/device_authorization',
} as const

/**
 * Authorization server metadata (RFC 8414). The issuer is the public URL, as RFC 8414 §3.3 demands of whoever fetches
 * this document;
 * it is what tokens bear as `iss` where `[jwt] issuer` is set to the same.
 */
export function oauthMetadata(publicUrl: string) {
  const base = publicUrl.replace(/\/+$/, '')
  return {
    issuer: base,
    jwks_uri: `${base}/.well-known/jwks.json`,
    token_endpoint: base + paths.token,
    revocation_endpoint: base + paths.revoke,
    introspection_endpoint: base + paths.introspect,
    device_authorization_endpoint: base + paths.deviceAuthorization,
    grant_types_supported: ['refresh_token', deviceCodeGrant],
    // there is no authorization endpoint: people log in here, not elsewhere through us
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['Bearer', 'DPoP'],
    dpop_signing_alg_values_supported: proofAlgorithms,
  }
}
