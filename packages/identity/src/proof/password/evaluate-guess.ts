import { Refusal, type Secret } from '@gatehouse/contract'
import type { HandlerDeps } from '../../shared/deps.ts'
import type { GuessSource } from '../../shared/ports.ts'

/** A password that was claimed as a guess, and the hash that it is held against; null: nobody's. */
export interface ClaimedGuess {
  readonly username: string
  readonly source: GuessSource
  readonly password: Secret<string>
  readonly hashed: string | null
}

/**
 * Whether a claimed guess is right. One that was never evaluated, since too many wait for their hashes, is given back:
 * five tries on a busy machine would shut a person out who types the right password.
 */
export async function evaluateGuess(
  { passwords, throttle }: Pick<HandlerDeps, 'passwords' | 'throttle'>,
  { username, source, password, hashed }: ClaimedGuess,
): Promise<boolean> {
  try {
    return await passwords.matches(hashed, password)
  } catch (error) {
    if (error instanceof Refusal) await throttle.giveBack('password', username, source)
    throw error
  }
}
