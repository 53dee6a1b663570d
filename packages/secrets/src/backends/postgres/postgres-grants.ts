import { BackendError } from '../backend-error.ts'
import type { OwnDatabase } from '../own-database.ts'
import { factsOf, notOurs, reachedRoles, type ReachedRole } from './postgres-logins.queries.ts'
import type { PostgresServer } from './postgres-server.queries.ts'

/**
 * Of the roles that PostgreSQL brings itself, those that give nothing but data and figures. All others, also those of
 * later versions, reach the server's files, programs, other people's sessions or other servers.
 */
const harmless: ReadonlySet<string> = new Set([
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_monitor',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_stat_scan_tables',
])

/** What a role may never have that a credential is made of, in words. */
function faultOf(role: ReachedRole): string | null {
  if (role.superuser) return 'is a superuser'
  if (role.createRole) return 'makes roles'
  if (role.replication) return 'replicates the server'
  if (role.bypassRls) return 'is above row security'
  if (role.name.startsWith('pg_') && !harmless.has(role.name)) return 'reaches the server itself'
  return role.files ? "reaches the server's files" : null
}

/**
 * Refuses grants that are not there, that are not ours to give, or that lead anywhere but to data, directly or through
 * what they are members of. In our own server also those that reach our own rows.
 */
export async function refuseGrants(server: PostgresServer, grants: readonly string[], own: OwnDatabase): Promise<void> {
  const reached = await reachedRoles(server, grants)
  const missing = grants.find((grant) => !reached.some(({ name }) => name === grant))
  if (missing !== undefined) throw new BackendError('unfit', `the server has no role \`${missing}\``)
  for (const role of reached) {
    const fault = faultOf(role)
    if (fault !== null) throw new BackendError('denied', `\`${role.name}\` ${fault}; no credential may be given of it`)
  }
  const [foreign] = await notOurs(server, grants)
  if (foreign !== undefined)
    throw new BackendError(
      'denied',
      `Gatehouse's own login may not give \`${foreign}\` away: GRANT it to that login WITH ADMIN OPTION`,
    )
  const { system } = await factsOf(server)
  if (system !== (await own.identity()).system) return
  const [ours] = await own.readersAmong(reached.map(({ name }) => name))
  if (ours !== undefined) throw new BackendError('denied', `\`${ours}\` reaches the rows of Gatehouse itself`)
}
