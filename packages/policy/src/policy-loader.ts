import { setTimeout as pause } from 'node:timers/promises'
import { operationNames } from '@gatehouse/contract'
import type { PolicyChecker } from './policy-checker.ts'
import { PolicyError } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import { readPolicySource, type PolicySource } from './policy-source.ts'

/** A file being written in place is empty for a moment, and an empty policy file is valid: two looks must agree. */
const steadyMilliseconds = 100
/** Looks before a directory that never rests is refused. */
const looksMax = 20

/** What a look at the directory found. `content` names it. */
export type Loaded =
  | { readonly kind: 'known'; readonly content: string }
  | { readonly kind: 'valid'; readonly content: string; readonly set: PolicySet }
  | { readonly kind: 'refused'; readonly content: string; readonly error: PolicyError }

export interface LoadOptions {
  readonly path: string
  readonly checker: PolicyChecker
  /** Content of which nothing new is to be learnt. */
  readonly isKnown: (content: string) => boolean
}

/** Reads the directory until it rests, and validates it unless its content is known. Never throws. */
export async function loadPolicySet({ path, checker, isKnown }: LoadOptions): Promise<Loaded> {
  let content: string | null = null
  try {
    for (let look = 0; look < looksMax; look += 1) {
      const source = await steadySource(path, isKnown)
      content = source.version
      if (isKnown(content)) return { kind: 'known', content }
      const set = await checker.check({ source, actions: operationNames })
      // validation took a while: what is put in force is what lies there now
      if ((await readPolicySource(path)).version === content) return { kind: 'valid', content, set }
    }
    throw restless(path)
  } catch (cause) {
    const error =
      cause instanceof PolicyError
        ? cause
        : new PolicyError(
            [{ file: path, line: null, message: cause instanceof Error ? cause.message : String(cause) }],
            { cause },
          )
    const named = content ?? error.message
    return isKnown(named) ? { kind: 'known', content: named } : { kind: 'refused', content: named, error }
  }
}

async function steadySource(path: string, isKnown: (content: string) => boolean): Promise<PolicySource> {
  let source = await readPolicySource(path)
  for (let look = 0; look < looksMax; look += 1) {
    if (isKnown(source.version)) return source
    await pause(steadyMilliseconds)
    const again = await readPolicySource(path)
    if (again.version === source.version) return again
    source = again
  }
  throw restless(path)
}

const restless = (path: string): PolicyError =>
  new PolicyError([{ file: path, line: null, message: 'the policy files keep changing' }])
