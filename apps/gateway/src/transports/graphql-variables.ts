/** Deeper than any input of the contract, with a document of a ceremony in it. */
const depthMax = 16
/** Twice what the widest input of the contract has, or a document that an authenticator makes. */
const fieldsMax = 64
/** The longest table of people that may be imported at once, with every cell filled. */
const valuesMax = 10_000

/**
 * What is too much about the variables of a request, in words; null: nothing. Libraries look at each value many times
 * over when one of them does not fit, so that what they may be given is bounded first (threat C19). Costs one pass.
 */
export function variablesProblem(variables: Readonly<Record<string, unknown>>): string | null {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: variables, depth: 0 }]
  let seen = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next
    if (typeof value !== 'object' || value === null) continue
    if (depth > depthMax) return `at most ${depthMax} levels`
    const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
    if (!Array.isArray(value) && parts.length > fieldsMax) return `at most ${fieldsMax} fields in an object`
    seen += parts.length
    if (seen > valuesMax) return `at most ${valuesMax} values`
    for (const part of parts) open.push({ value: part, depth: depth + 1 })
  }
  return null
}
