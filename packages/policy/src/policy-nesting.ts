import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'

/**
 * Expressions that may stand within one another. The engine evaluates them by recursion on a stack of a fixed size, and
 * its build for WebAssembly cannot see the end of it: a policy of 400 passed validation and broke the engine of whoever
 * decided by it, for good. Its JSON, by which policies are explained, ends at 128 levels, two for each expression.
 */
export const nestingMax = 50

/** How many expressions stand within one another; conditions are joined by the engine as a chain of `&&` is. */
export const nestingOf = ({ conditions }: PolicyJson): number =>
  conditions.length + Math.max(0, ...conditions.map(({ body }) => Math.ceil(levelsIn(body) / 2)))

/** Levels of JSON: of each expression there are two, its operator and what it is applied to. */
function levelsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce<number>((deepest, inner) => Math.max(deepest, levelsIn(inner)), 0)
}
