import type { Foundation } from './foundation.ts'
import { forgetNodes, touchNode } from './system/system.queries.ts'

/** How often a node says that it lives. */
const everyMilliseconds = 5000
/** A node that fell silent is forgotten after this. */
const forgottenAfterMilliseconds = 3_600_000

/** Says every few seconds that this node lives; answers how to stop, which takes it off the list. */
export function startHeartbeat(
  { db, clock }: Foundation,
  node: { readonly id: string; readonly kind: 'gateway' | 'worker' },
  onError: (error: unknown) => void,
): () => Promise<void> {
  const startedAt = clock.now()
  const touch = (): Promise<void> => touchNode(db, { ...node, startedAt, now: clock.now() }).catch(onError)
  void touch()
  const timer = setInterval(() => void touch(), everyMilliseconds)
  return async () => {
    clearInterval(timer)
    await forgetNodes(db, node.id, new Date(clock.now().getTime() - forgottenAfterMilliseconds)).catch(onError)
  }
}
