import { Refusal } from '@gatehouse/contract'
import { UnavailableError } from '@gatehouse/kit'
import { DeniedDecision } from './decide.ts'

/** What is a refusal by another name. */
export function asRefusal(error: unknown, mayBeDone: boolean): unknown {
  if (error instanceof DeniedDecision) return error.refusal
  if (error instanceof UnavailableError) return unavailable(error, mayBeDone)
  return error
}

const lookFirst = 'the database was lost on the way: whether this was done is not known, so look before asking again'

function unavailable(error: UnavailableError, mayBeDone: boolean): Refusal {
  const { hint } = error
  if (mayBeDone) return new Refusal('unavailable', { mayBeDone, hint: lookFirst }, { cause: error })
  const details = { retryAfterSeconds: 1, ...(hint === undefined ? {} : { hint }) }
  return new Refusal('unavailable', details, { cause: error })
}
