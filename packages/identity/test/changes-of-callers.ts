// What changes what is said of a caller, in each table that says something of them.
import { randomUUID } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'

interface Caller {
  readonly userId: string
  readonly sessionId: string
  readonly tokenId: string
}

/** Changes with the table, or view, that the look at a caller sees each by; to be made one after the other. */
export function changesOf({ userId, sessionId, tokenId }: Caller): (readonly [string, RawBuilder<unknown>])[] {
  const [team, lock, factor] = [randomUUID(), randomUUID(), randomUUID()]
  const lockOf = (kind: string, target: string) => sql`
    insert into access_lock (id, kind, target, name, reason, created_at)
      values (${lock}, ${kind}, ${target}, '', '', now())`
  const unlock = sql`delete from access_lock where id = ${lock}`
  return [
    ['session', sql`update session set methods = methods || '{sms}' where id = ${sessionId}`],
    ['users', sql`update users set display_name = 'Augusta' where id = ${userId}`],
    ['users', sql`update users set status = 'disabled' where id = ${userId}`],
    ['users', sql`update users set status = 'active' where id = ${userId}`],
    ['user_role', sql`insert into user_role (user_id, role, granted_at) values (${userId}, 'Operator', now())`],
    ['user_role', sql`update user_role set role = 'Viewer' where user_id = ${userId} and role = 'Operator'`],
    ['user_role', sql`delete from user_role where user_id = ${userId} and role = 'Viewer'`],
    ['team', sql`insert into team (id, name, description) values (${team}, 'versions', '')`],
    ['team_member', sql`insert into team_member (team_id, user_id) values (${team}, ${userId})`],
    ['team', sql`update team set name = 'versioned' where id = ${team}`],
    ['team_member', sql`delete from team where id = ${team}`],
    ['authenticator', sql`delete from authenticator where user_id = ${userId}`],
    [
      'authenticator',
      sql`insert into authenticator (id, user_id, kind, name) values (${factor}, ${userId}, 'totp', '')`,
    ],
    ['authenticator', sql`update authenticator set confirmed_at = now() where id = ${factor}`],
    ['locked_principal', lockOf('principal', userId)],
    ['locked_principal', unlock],
    ['locked_principal', lockOf('role', 'Developer')],
    ['locked_principal', sql`update access_lock set removed_at = now(), remove_reason = '' where id = ${lock}`],
    ['locked_principal', unlock],
    [
      'revoked_token',
      sql`insert into revoked_token (jti, expires_at, reason) values (${tokenId}, now() + interval '1 hour', '')`,
    ],
  ]
}
