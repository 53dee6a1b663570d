/**
 * Why a sink did not take what it was given. `later`: it may take it another time; `never`: it has looked at it, and
 * will not take it as it is.
 */
export class SinkError extends Error {
  override readonly name = 'SinkError'
  readonly chance: 'later' | 'never'

  constructor(chance: 'later' | 'never', message: string, options?: ErrorOptions) {
    super(message, options)
    this.chance = chance
  }
}
