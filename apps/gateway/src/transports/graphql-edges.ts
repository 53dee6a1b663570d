import type { OperationName } from '@gatehouse/contract'
import { createTogetherScope, inTogetherScope, type TogetherScope } from '@gatehouse/database'
import type { RequestContext, Runner } from './run.ts'

/** What edges of one request have asked, and the reads of theirs that go together. */
interface Nested {
  readonly asked: Map<string, Promise<unknown>>
  readonly together: TogetherScope
}

/**
 * The calls of edges. Of one request each is made once, however many things lead to it, and all that are asked at the
 * same time read the database together.
 */
export function nestedCalls(
  runner: Pick<Runner, 'nested'>,
): (context: RequestContext, name: OperationName, raw: unknown) => Promise<unknown> {
  const requests = new WeakMap<RequestContext, Nested>()
  return (context, name, raw) => {
    const { asked, together } = requests.get(context) ?? { asked: new Map(), together: createTogetherScope() }
    requests.set(context, { asked, together })
    const key = `${name} ${JSON.stringify(raw)}`
    const answer = asked.get(key) ?? inTogetherScope(together, () => runner.nested(context, name, raw))
    asked.set(key, answer)
    return answer
  }
}
