import { hash } from 'node:crypto'
import type { OwnAction } from './own-actions.ts'
import type { PolicySet } from './policy-set.ts'
import type { PolicySource } from './policy-source.ts'

/** What the checking thread is asked. */
export interface CheckRequest {
  readonly source: PolicySource
  /** Actions that the set must know as they are asked: under an older schema the engine would refuse the question. */
  readonly actions: readonly OwnAction[]
}

/** The set in force, the one before, and candidates that are looked at now; a large one is some megabytes. */
const setsMax = 4

// INVARIANT: only what the checking thread found good is in here, by all that it was asked; the newest comes last
const good = new Map<string, PolicySet>()

/** The set that this process has found good for just these texts and actions; null: it has not. */
export function recallChecked(request: CheckRequest): PolicySet | null {
  return good.get(keyOf(request)) ?? null
}

/** Keeps what was found good: whether it is depends on nothing else. */
export function keepChecked(request: CheckRequest, set: PolicySet): void {
  const key = keyOf(request)
  good.delete(key)
  good.set(key, set)
  const [oldest] = good.keys()
  if (good.size > setsMax && oldest !== undefined) good.delete(oldest)
}

const keyOf = (request: CheckRequest): string => hash('sha256', JSON.stringify(request))
