// Sends alerts as a gateway does, until it is killed. Its parent says by IPC which system it belongs to.
import { joinDomain, type DomainNode } from '@gatehouse/testkit/domain-system'
import { startAlertDelivery } from '../src/start-alert-delivery.ts'
import { needsOf } from './alert-system.ts'
import { receiverName } from './receivers.ts'

interface Told {
  readonly node: DomainNode
  /** The clock in the parent's hand: what is due there is due here. */
  readonly aheadMilliseconds: number
}

async function deliver({ node, aheadMilliseconds }: Told): Promise<void> {
  const joined = await joinDomain(node)
  joined.advance(aheadMilliseconds / 1000)
  const needs = needsOf(joined, {
    resolve: (name) => Promise.resolve(name === receiverName ? ['127.0.0.1'] : []),
    allowed: ['127.0.0.1'],
    smtpUrl: 'smtp://127.0.0.1:9',
  })
  startAlertDelivery({ ...needs, onError: (error) => console.error(error) })
}

process.once('message', (told: Told) => void deliver(told))
