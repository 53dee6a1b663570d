import type { OperationName, Output, SubscriptionName } from '@gatehouse/contract'
import type { Permit } from './permit.ts'

/** Does what an operation says, once it is permitted. It does not know the transport. */
export type Handler<N extends OperationName> = (
  permit: Permit<N>,
) => N extends SubscriptionName ? AsyncIterable<Output<N>> : Promise<Output<N>>

/** One handler per operation, total: a missing or mistyped one does not compile. */
export type Handlers = { readonly [N in OperationName]: Handler<N> }

/** The handlers of some nouns: `HandlersOf<'lease' | 'sshKey'>` is what one package binds. */
export type HandlersOf<Noun extends string> = {
  readonly [N in Extract<OperationName, `${Noun}.${string}`>]: Handler<N>
}
