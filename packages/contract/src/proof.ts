/**
 * The signatures that a proof of possession may bear (RFC 9449): what keys in the browser, the operating system and
 * services can make. No MAC, and not `none`.
 */
export const proofAlgorithms = ['ES256', 'EdDSA', 'RS256'] as const
export type ProofAlgorithm = (typeof proofAlgorithms)[number]

/**
 * The header by which a client says that no person asked for a call: `background`. Such calls keep no session from
 * ending for want of use.
 */
export const activityHeader = 'gatehouse-activity'
