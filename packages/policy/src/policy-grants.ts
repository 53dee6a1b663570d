import type { Decider } from '@gatehouse/enforcement'
import type { Grant } from './grant.ts'
import { operationGrants } from './matrix.ts'
import { platformGrants } from './platform-matrix.ts'

/** What somebody gains or loses by one set instead of another. */
export interface GrantChange {
  readonly who: string
  readonly change: 'gains' | 'loses' | 'differs'
  readonly what: string
  readonly where: string
  readonly before: string
  readonly after: string
}

const none = '–'

/** Who may what by one set and not by the other, in each tier: found by asking both about the same calls. */
export function compareGrants(before: Decider, after: Decider): readonly GrantChange[] {
  const old = new Map(grantsOf(before).map((grant) => [keyOf(grant), grant.may]))
  return grantsOf(after).flatMap((grant) => {
    const [was, is] = [old.get(keyOf(grant)) ?? none, grant.may]
    if (was === is) return []
    const { who, what, where } = grant
    return [{ who, change: changeOf(was, is), what, where, before: was, after: is }]
  })
}

const grantsOf = (decider: Decider): readonly Grant[] => [...operationGrants(decider), ...platformGrants(decider)]

const keyOf = ({ who, what, where }: Grant): string => [who, what, where].join('|')

function changeOf(before: string, after: string): GrantChange['change'] {
  if (before === none) return 'gains'
  return after === none ? 'loses' : 'differs'
}
