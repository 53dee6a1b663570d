import type { OperationName, Output, RowClockKind } from '@gatehouse/contract'
import type { Permit } from './permit.ts'
import type { Workflows } from './ports.ts'

/** A row that has changed. */
export type ChangedRow = readonly [kind: RowClockKind, id: string]

/**
 * A handler after which the workflows of what it has changed are told so. After its commit, and not waited for: nobody
 * is kept by a Temporal that is away, and a workflow that was not told is begun by the worker.
 */
export const followed =
  <N extends OperationName>(
    { workflows }: { readonly workflows: Pick<Workflows, 'follow'> },
    handler: (permit: Permit<N>) => Promise<Output<N>>,
    changedBy: (output: Output<N>) => readonly ChangedRow[],
  ): ((permit: Permit<N>) => Promise<Output<N>>) =>
  async (permit) => {
    const output = await handler(permit)
    for (const [kind, id] of changedBy(output)) void workflows.follow(kind, id)
    return output
  }
