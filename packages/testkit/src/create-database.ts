import { inject } from 'vitest'
import { createDatabaseIn } from './postgres.ts'
import type { ClusterLogins, StartingPoint, TestDatabase } from './postgres.ts'
import { ServerSetupError } from './server-setup-error.ts'
import type {} from './vitest-setup.ts' // declares what is injected below, also where one package is checked alone

/** Makes a fresh database for one test file in the run's own PostgreSQL, which it starts when it is the first to ask. */
export const createDatabase = async (from: StartingPoint = 'migrated'): Promise<TestDatabase> => {
  const answer = await fetch(inject('gatehousePostgres'))
  if (!answer.ok) throw new ServerSetupError(`the tests' PostgreSQL did not start: ${await answer.text()}`)
  return createDatabaseIn((await answer.json()) as ClusterLogins, from) // our own set-up wrote it
}
