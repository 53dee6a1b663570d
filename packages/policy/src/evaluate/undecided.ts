import type { Finding } from './question.ts'

/** A deny that no policy made: there was nothing to ask them. */
export const undecided = (...errors: readonly string[]): Finding => ({
  request: null,
  decision: null,
  obligations: [],
  ignored: [],
  errors,
  principal: null,
  resource: null,
})
