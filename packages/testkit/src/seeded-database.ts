import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runGatewayCommand } from './gateway-process.ts'
import { inherited, type DevJson } from './home.ts'
import { createDatabaseIn, type ClusterLogins } from './postgres.ts'

/** A database that was seeded once, for others to be copies of. */
export interface SeededDatabase {
  readonly logins: ClusterLogins
  /** Its name in the cluster; nobody is connected to it. */
  readonly name: string
  /** The state directory that it was seeded with, which holds its keys. */
  readonly directory: string
  readonly people: Pick<DevJson, 'admin' | 'principals'>
}

/** Makes one in a running cluster, by the gateway's own command. */
export async function seedDatabase(logins: ClusterLogins): Promise<SeededDatabase> {
  const { name, url, adminUrl } = await createDatabaseIn(logins, 'empty')
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-seeded-'))
  const printed = await runGatewayCommand(['prepare'], {
    ...inherited(),
    GATEHOUSE_HOME: directory,
    DATABASE_URL: url,
    DATABASE_ADMIN_URL: adminUrl,
  })
  const people = JSON.parse(printed) as SeededDatabase['people'] // our own command wrote it
  return { logins, name, directory, people }
}

/** Removes what is not in the cluster, which ends with the run. */
export const removeSeeded = ({ directory }: SeededDatabase): Promise<void> =>
  rm(directory, { recursive: true, force: true })
