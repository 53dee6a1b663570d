import { hash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { BundleGuard } from './bundle-guard.ts'
import type { GoodBundle } from './bundle.ts'
import { ownActions } from './own-actions.ts'
import type { PolicyChecker } from './policy-checker.ts'
import { PolicyError } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import { readPolicySource, requireWords, type PolicySource } from './policy-source.ts'

/** A file being written in place is empty for a moment, and an empty policy file is valid: two looks must agree. */
const steadyMilliseconds = 100
/** Looks before a directory that never rests is refused. */
const looksMax = 20

/** What a look at the directory found. `content` names it. */
export type Loaded =
  | { readonly kind: 'known'; readonly content: string }
  | {
      readonly kind: 'valid'
      readonly content: string
      readonly set: PolicySet
      /** Who signed it; null: nobody has to. */
      readonly bundle: GoodBundle | null
    }
  | { readonly kind: 'refused'; readonly content: string; readonly error: PolicyError }

export interface LoadOptions {
  readonly path: string
  readonly checker: PolicyChecker
  readonly guard: Pick<BundleGuard, 'requireSigned'>
  /** Content of which nothing new is to be learnt. */
  readonly isKnown: (content: string) => boolean
}

/** Reads the directory until it rests, and validates it unless its content is known. Never throws. */
export async function loadPolicySet({ path, checker, guard, isKnown }: LoadOptions): Promise<Loaded> {
  let content: string | null = null
  try {
    for (let look = 0; look < looksMax; look += 1) {
      const source = await steadySource(path, (one) => isKnown(one.version) && isSigned(guard, one))
      content = nameOf(source)
      const bundle = guard.requireSigned(source)
      content = source.version
      if (isKnown(content)) return { kind: 'known', content }
      requireWords(source)
      const set = await checker.check({ source, actions: ownActions })
      // validation took a while: what is put in force is what lies there now
      if (nameOf(await readPolicySource(path)) === nameOf(source)) return { kind: 'valid', content, set, bundle }
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

async function steadySource(path: string, isKnown: (source: PolicySource) => boolean): Promise<PolicySource> {
  let source = await readPolicySource(path)
  for (let look = 0; look < looksMax; look += 1) {
    if (isKnown(source)) return source
    await pause(steadyMilliseconds)
    const again = await readPolicySource(path)
    if (nameOf(again) === nameOf(source)) return again
    source = again
  }
  throw restless(path)
}

function isSigned(guard: LoadOptions['guard'], source: PolicySource): boolean {
  try {
    guard.requireSigned(source)
    return true
  } catch {
    return false
  }
}

/** Names files together with what was signed of them: a manifest that comes later is news. */
const nameOf = ({ version, manifest }: PolicySource): string =>
  manifest === null ? `${version} unsigned` : `${version} ${hash('sha256', manifest.text)}`

const restless = (path: string): PolicyError =>
  new PolicyError([{ file: path, line: null, message: 'the policy files keep changing' }])
