import { inject } from 'vitest'
import { createDatabaseIn } from './postgres.ts'
import type { ClusterLogins, StartingPoint, TestDatabase } from './postgres.ts'
import { ServerSetupError } from './server-setup-error.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the cluster, which is started when the first one does. */
    readonly gatehousePostgres: string
  }
}

/**
 * Makes a fresh database for one test file in the run's own PostgreSQL, which it starts when it is the first to ask.
 */
export const createDatabase = async (from: StartingPoint = 'migrated'): Promise<TestDatabase> => {
  const answer = await fetch(inject('gatehousePostgres'))
  if (!answer.ok) throw new ServerSetupError(`the tests' PostgreSQL did not start: ${await answer.text()}`)
  return createDatabaseIn((await answer.json()) as ClusterLogins, from) // our own set-up wrote it
}
