/**
 * A value that must never be written down by accident. Serialising, printing or interpolating it throws or hides it;
 * `expose()` is the greppable opt-out.
 */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value itself. Every call of this is a place a reviewer looks at. */
  expose(): T {
    return this.#value
  }

  /** Throws: a secret in a log, a history or an audit entry is a bug, not a formatting question. */
  toJSON(): never {
    throw new TypeError('a secret cannot be serialised; call expose() where it is meant')
  }

  toString(): string {
    return '[secret]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}

/** Wraps a value as a secret. */
export const secret = <T>(value: T): Secret<T> => new Secret(value)
