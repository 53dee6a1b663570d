import { parentPort, workerData } from 'node:worker_threads'
import type { CheckAnswer } from './check-policies.ts'
import { PolicyError } from './policy-problem.ts'
import { actionsOf, compilePolicySet } from './policy-set.ts'
import type { PolicySource } from './policy-source.ts'

// The thread that validates one set and ends. Started by check-policies.ts only.
const { source, actions } = workerData as { source: PolicySource; actions: readonly string[] } // written by check-policies.ts
parentPort?.postMessage(check())

function check(): CheckAnswer {
  try {
    const set = compilePolicySet(source)
    const declared = actionsOf(set.schema)
    const missing = actions.filter((action) => !declared.has(action))
    if (missing.length === 0) return { set }
    return { problems: [{ file: 'schema/actions.cedarschema', line: null, message: `does not declare ${missing.map((action) => `\`${action}\``).join(', ')}; it is not this version's: run \`npm run generate\`` }] }
  } catch (error) {
    if (error instanceof PolicyError) return { problems: error.problems }
    throw error
  }
}
