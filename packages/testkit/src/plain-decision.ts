import { isAuthorized, policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs'

/** What Cedar itself says, without anything of ours before or behind it. */
export interface PlainDecision {
  readonly effect: 'allow' | 'deny'
  readonly policies: readonly string[]
  readonly errors: readonly string[]
}

/** A policy or schema file. */
interface PolicyFile {
  readonly path: string
  readonly text: string
}

/**
 * Asks plain `isAuthorized`, with the whole set and the whole schema, as text: no slices, nothing laid down before,
 * nothing remembered. `request`: JSON, as a receipt has it. Throws when Cedar does not take it.
 */
export function plainDecider(files: readonly PolicyFile[]): (request: string) => PlainDecision {
  const textsOf = (ending: string): string[] =>
    files.filter(({ path }) => path.endsWith(ending)).map(({ text }) => text)
  const schema = textsOf('.cedarschema').join('\n')
  const staticPolicies = Object.fromEntries(
    textsOf('.cedar')
      .flatMap(policiesIn)
      .map((text) => [idOf(text), text]),
  )
  return (text) => {
    const { action, ...request } = JSON.parse(text) as Pick<
      Parameters<typeof isAuthorized>[0],
      'principal' | 'resource' | 'context' | 'entities'
    > & { readonly action: string } // a receipt's own JSON; Cedar refuses what it is not
    const call = { ...request, action: { type: 'Action', id: action }, schema, validateRequest: true }
    const answer = isAuthorized({ ...call, policies: { staticPolicies } })
    if (answer.type === 'failure') throw new TypeError(answer.errors.map(({ message }) => message).join('\n'))
    const { decision, diagnostics } = answer.response
    const errors = diagnostics.errors.map(({ policyId }) => policyId)
    return { effect: decision, policies: diagnostics.reason.toSorted(), errors }
  }
}

function policiesIn(text: string): readonly string[] {
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') throw new TypeError(parts.errors.map(({ message }) => message).join('\n'))
  return parts.policies
}

function idOf(text: string): string {
  const answer = policyToJson(text)
  const id = answer.type === 'success' ? answer.json.annotations?.['id'] : undefined
  if (typeof id !== 'string') throw new TypeError('every policy has an id')
  return id
}
