import type { OutboundAnswer } from './outbound-http.ts'

/**
 * Why a receiver did not take what it was given. `later`: it may take it another time; `never`: it has looked at it,
 * and will not take it as it is. Its message repeats nothing of the answer.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly chance: 'later' | 'never'
  /** What it answered; null: nothing, or it does not speak HTTP. */
  readonly answer: OutboundAnswer | null

  constructor(
    chance: 'later' | 'never',
    message: string,
    { answer = null, ...options }: ErrorOptions & { readonly answer?: OutboundAnswer | null } = {},
  ) {
    super(message, options)
    this.chance = chance
    this.answer = answer
  }
}
