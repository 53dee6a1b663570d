import { systemId } from '@gatehouse/contract'
import type { EventFacts } from '@gatehouse/audit'
import { uid, type Clock } from '@gatehouse/enforcement'
import type { Loaded } from './policy-loader.ts'
import type { NodeState } from './policy-node.queries.ts'
import { PolicyError } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import { createSlots, preparePolicySet, type PreparedSet } from './prepared-set.ts'

/** The set that decides on this node, and what was refused in its place. */
export interface InForce {
  /** The set in force at this moment. */
  prepared(): PreparedSet
  state(): NodeState
  /** Why what lies in the directory is not in force; null: it is. */
  refusal(): PolicyError | null
  /** Whether nothing new is to be learnt from this content. */
  isKnown(content: string): boolean
  /** Puts in force what is valid, and remembers why what is not is not. Answers what the audit log has to say of it. */
  take(loaded: Loaded): EventFacts | null
}

/** Problems that an event names; a broken schema can make hundreds. */
const problemsRecordedMax = 10

/** Throws `PolicyError` when the engine does not take the first set. */
export function createInForce({
  first,
  node,
  clock,
}: {
  readonly first: PolicySet
  readonly node: string
  readonly clock: Clock
}): InForce {
  const slots = createSlots()
  let current = { prepared: preparePolicySet({ set: first, slots }), loadedAt: clock.now() }
  let refused: { readonly content: string; readonly error: PolicyError; readonly at: Date } | null = null

  const refuse = (content: string, error: PolicyError): EventFacts | null => {
    const isNews = refused?.content !== content
    refused = { content, error, at: clock.now() }
    const problems = error.problems
      .slice(0, problemsRecordedMax)
      .map(({ file, line, message }) => ({ file, line, message }))
    return isNews ? happened('policy.reloadRefused', { node, version: current.prepared.set.version, problems }) : null
  }

  const put = (content: string, set: PolicySet): EventFacts | null => {
    const before = current.prepared.set.version
    refused = null
    if (content === before) return null
    // INVARIANT: one assignment of a whole set; a decision sees the old one or the new one, never parts of both
    current = { prepared: preparePolicySet({ set, slots }), loadedAt: clock.now() }
    return happened('policy.reloaded', { node, before, version: content, policies: set.policies.length })
  }

  return {
    prepared: () => current.prepared,
    refusal: () => refused?.error ?? null,
    isKnown: (content) => content === current.prepared.set.version || content === refused?.content,
    state: () => {
      const { version, schemaVersion, policies } = current.prepared.set
      return {
        node,
        version,
        schemaVersion,
        policies: policies.length,
        loadedAt: current.loadedAt,
        lastError: refused?.error.message ?? null,
        lastErrorAt: refused?.at ?? null,
      }
    },
    take: (loaded) => {
      if (loaded.kind === 'refused') return refuse(loaded.content, loaded.error)
      // the files went back to what is in force: nothing is refused any more
      if (loaded.content === current.prepared.set.version) refused = null
      if (loaded.kind === 'known') return null
      try {
        return put(loaded.content, loaded.set)
      } catch (error) {
        if (error instanceof PolicyError) return refuse(loaded.content, error)
        throw error
      }
    },
  }
}

const happened = (
  name: 'policy.reloaded' | 'policy.reloadRefused',
  detail: Readonly<Record<string, unknown>>,
): EventFacts => ({ name, resource: uid('System', systemId), detail })
