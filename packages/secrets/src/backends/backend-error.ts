/**
 * `unreachable`: nobody answers there, or not in time. `refused`: it is not for us to contact. `denied`: it does not
 * let us do what it takes. `unfit`: it answers, and is not what it must be. `left-behind`: the credential works no
 * more, and something of it is still there.
 */
export type BackendProblem = 'unreachable' | 'refused' | 'denied' | 'unfit' | 'left-behind'

/** Why a backend did not do what it was asked. The message is for people: the next step, and never a secret. */
export class BackendError extends Error {
  override readonly name = 'BackendError'
  readonly problem: BackendProblem

  constructor(problem: BackendProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}

/** True where a backend has said that it does not do it: it hears what else is asked of it. */
export const hasAnswered = (error: unknown): boolean => error instanceof BackendError && error.problem !== 'unreachable'
