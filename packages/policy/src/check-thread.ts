import { parentPort } from 'node:worker_threads'
import type { CheckRequest } from './checked-sets.ts'
import type { CheckAnswer } from './policy-checker.ts'
import { modelOf, type ResolvedSchema } from './facts/schema-model.ts'
import { isAskable, type OwnAction } from './own-actions.ts'
import { PolicyError, type PolicyProblem } from './policy-problem.ts'
import { actionsOf, compilePolicySet } from './policy-set.ts'

// The thread that validates sets, one after the other. Started by policy-checker.ts only.
parentPort?.on('message', (request: CheckRequest) => parentPort?.postMessage(answerTo(request)))

function answerTo({ source, actions }: CheckRequest): CheckAnswer {
  try {
    const set = compilePolicySet(source)
    const missing = unknownActions(set.schemaJson, actions)
    if (missing.length > 0) return { problems: [otherVersion(`does not declare ${quoted(missing)}`)] }
    const other = otherwiseDeclared(set.schemaJson, actions)
    if (other.length > 0) return { problems: [otherVersion(`declares otherwise ${quoted(other)}`)] }
    return { set }
  } catch (error) {
    if (error instanceof PolicyError) return { problems: error.problems }
    throw error
  }
}

function unknownActions(schema: ResolvedSchema, actions: readonly OwnAction[]): readonly string[] {
  const declared = actionsOf(schema)
  return actions.map(({ name }) => name).filter((name) => !declared.has(name))
}

/** Those about which the engine would refuse a question of this program's. */
function otherwiseDeclared(schema: ResolvedSchema, actions: readonly OwnAction[]): readonly string[] {
  const model = modelOf(schema)
  // a schema that is not understood here is only asked through the engine
  if (model === null) return []
  return actions
    .filter((action) => {
      const declared = model.actions.get(action.name)
      return declared === undefined || !isAskable(declared, action)
    })
    .map(({ name }) => name)
}

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

const otherVersion = (what: string): PolicyProblem => ({
  file: 'schema/actions.cedarschema',
  line: null,
  message: `${what}; it is not this version's: run \`npm run generate\``,
})
