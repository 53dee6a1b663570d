/**
 * Stands where a password's hash stands, for a person who has none yet: invited, and not come in. It is no hash of any
 * algorithm, so
 * nothing matches it; checking a password against it costs what an unknown name costs.
 */
export const noPassword = '!'
