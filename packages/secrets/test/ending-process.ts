// A worker: ends what is due, again and again, until it is killed. Its parent says by IPC of which system, and is told
// of each credential that is about to be taken away.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DomainNode } from '@gatehouse/testkit/domain-system'
import type { Provider } from '../src/secret-provider.ts'
import { startNode } from './secrets-system.ts'

/** What it works on. */
export interface Work {
  readonly node: DomainNode
  readonly kind: Provider['kind']
}

const pauseMilliseconds = 50

async function begin({ node, kind }: Work): Promise<void> {
  const told = (provider: Provider): Provider['revoke'] => {
    return async (...asked) => {
      process.send?.('ending')
      await provider.revoke(...asked)
    }
  }
  const worker = await startNode(node, { around: (provider) => ({ ...provider, revoke: told(provider) }) })
  for (;;) {
    await worker.calls.internal('lease.expire', { backend: kind }, randomUUID())
    await sleep(pauseMilliseconds)
  }
}

process.once('message', (work: Work) => {
  begin(work).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
