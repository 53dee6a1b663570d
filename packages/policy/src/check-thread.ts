import { parentPort } from 'node:worker_threads'
import type { CheckRequest } from './checked-sets.ts'
import type { CheckAnswer } from './policy-checker.ts'
import { PolicyError } from './policy-problem.ts'
import { actionsOf, compilePolicySet } from './policy-set.ts'

// The thread that validates sets, one after the other. Started by policy-checker.ts only.
parentPort?.on('message', (request: CheckRequest) => parentPort?.postMessage(answerTo(request)))

function answerTo({ source, actions }: CheckRequest): CheckAnswer {
  try {
    const set = compilePolicySet(source)
    const declared = actionsOf(set.schemaJson)
    const missing = actions.filter((action) => !declared.has(action))
    if (missing.length === 0) return { set }
    return {
      problems: [
        {
          file: 'schema/actions.cedarschema',
          line: null,
          message:
            `does not declare ${missing.map((action) => `\`${action}\``).join(', ')}; ` +
            "it is not this version's: run `npm run generate`",
        },
      ],
    }
  } catch (error) {
    if (error instanceof PolicyError) return { problems: error.problems }
    throw error
  }
}
