import type { Operation } from './operation.ts'

/**
 * What a GraphQL document may cost. A page of 200 with all fields of its items is some 6,000; a screen of ours asks for
 * less than half of this.
 */
export const documentCostMax = 20_000

/** What each field of an answer costs, once for each item that it stands in. */
export const fieldCost = 1

/** Items of a list inside an item, which nobody asks for by number: roles, policies, teams. */
export const innerListLength = 5

/** Calls that are more than a look at rows: what they cost by themselves, beside their fields. */
const callCosts = { query: 1, subscription: 10, mutation: 10, heavy: 500 } as const

/**
 * What an edge costs, once for each thing that it is asked of: it is decided and has an entry in the audit log as any
 * call has, and does not count for the limit of calls. So a document asks for less than a thousand.
 */
export const edgeCost = 20

/** What one call costs, whatever is asked of its answer. */
export const callCost = ({ kind, heavy }: Pick<Operation, 'kind' | 'heavy'>): number =>
  heavy === true ? callCosts.heavy : callCosts[kind]
