import { Refusal } from '@gatehouse/contract'
import type { RequestContext, Runner } from '../transports/run.ts'

/** What is refused before it comes to an operation is recorded, too. */
export async function early<T>(
  { runner, context }: { readonly runner: Runner; readonly context: RequestContext },
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Refusal) await runner.refused(context, error)
    throw error
  }
}
