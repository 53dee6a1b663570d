// What Gatehouse does in a PostgreSQL server. Names stand in statements as identifiers that are quoted, all else as
// literals that are: statements that make and change roles take no parameters.
import { setTimeout as sleep } from 'node:timers/promises'
import { shownText } from '@gatehouse/kit'
import pg from 'pg'
import { BackendError } from '../backend-error.ts'
import { inTransaction, stateOf, type PostgresServer } from './postgres-server.queries.ts'

const { escapeIdentifier: name, escapeLiteral: text } = pg

/** The login of a lease: its name is the lease's, so that revoking needs no answer of a call that has died. */
export const loginOf = (leaseId: string): string => `gatehouse_${leaseId.replaceAll('-', '')}`

/** Whose login it is, in words that the server keeps beside it. */
const tagOf = ({ backendId, leaseId }: LoginTag): string => `gatehouse backend=${backendId} lease=${leaseId}`

export interface LoginTag {
  readonly backendId: string
  readonly leaseId: string
}

/** What a server says of itself, and of us. */
export interface ServerFacts {
  /** Made once, when its files were (`initdb`); copies of the files have it as well. */
  readonly system: string
  readonly database: string
  readonly mayMakeLogins: boolean
  readonly standby: boolean
}

export async function factsOf(server: PostgresServer): Promise<ServerFacts> {
  const { rows } = await server.query<ServerFacts>(`
    select (select system_identifier::text from pg_control_system()) as system, current_database()::text as database,
      (r.rolsuper or r.rolcreaterole) as "mayMakeLogins", pg_is_in_recovery() as standby
    from pg_roles r where r.rolname = current_user`)
  const [facts] = rows
  if (facts === undefined) throw new BackendError('unfit', 'the server does not know the role that it let us in as')
  return facts
}

/** A role that a login would be, or could become. */
export interface ReachedRole {
  readonly name: string
  readonly oid: string
  readonly superuser: boolean
  readonly createRole: boolean
  readonly replication: boolean
  readonly bypassRls: boolean
  /** It may call what reads or writes files of the server, by a grant of its own. */
  readonly files: boolean
}

/** Functions that reach the files of the server; without a grant they are a superuser's. */
const fileFunctions = ['pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file', 'lo_import', 'lo_export']

/** The roles of these names, and all that they are members of, however far. */
export async function reachedRoles(server: PostgresServer, grants: readonly string[]): Promise<ReachedRole[]> {
  const { rows } = await server.query<ReachedRole>(
    `with recursive reached (oid) as (
        select oid from pg_roles where rolname = any ($1::text[])
        union select m.roleid from pg_auth_members m join reached on m.member = reached.oid)
      select r.rolname as name, r.oid::text, r.rolsuper as superuser, r.rolcreaterole as "createRole",
        r.rolreplication as replication, r.rolbypassrls as "bypassRls",
        exists (select from pg_proc p where p.proname = any ($2::text[])
          and has_function_privilege(r.oid, p.oid, 'execute')) as files
      from reached join pg_roles r using (oid) order by 1`,
    [grants, fileFunctions],
  )
  return rows
}

/** The roles that we may not make anybody a member of. */
export async function notOurs(server: PostgresServer, grants: readonly string[]): Promise<string[]> {
  const { rows } = await server.query<{ name: string }>(
    `select rolname as name from pg_roles where rolname = any ($1::text[])
      and not pg_has_role(current_user, oid, 'member with admin option')
      and not (current_setting('server_version_num')::int < 160000
        and (select rolcreaterole from pg_roles where rolname = current_user)) order by 1`,
    [grants],
  )
  return rows.map((row) => row.name)
}

/** A login as it is to be. */
export interface NewLogin extends LoginTag {
  readonly grants: readonly string[]
  readonly connectionsMax: number
  /** What the server keeps in place of a password. */
  readonly verifier: string
  readonly validUntil: Date
}

/**
 * Makes a login with all that belongs to it, or, when it is there already, gives it the new password. Must run in a
 * transaction: it is there whole or not at all.
 */
export async function makeLogin(server: PostgresServer, login: NewLogin): Promise<void> {
  const own = name(loginOf(login.leaseId))
  const terms =
    `login connection limit ${login.connectionsMax} password ${text(login.verifier)} ` +
    `valid until ${text(login.validUntil.toISOString())}`
  if ((await oidOf(server, login.leaseId)) === null) {
    await server.query(`create role ${own} with ${terms} in role ${login.grants.map(name).join(', ')}`)
    await server.query(`comment on role ${own} is ${text(tagOf(login))}`)
  } else await server.query(`alter role ${own} with ${terms}`)
}

/** Moves a login's end. One that was closed meanwhile stays closed. */
export async function renewLogin(server: PostgresServer, leaseId: string, until: Date): Promise<void> {
  if ((await oidOf(server, leaseId)) === null)
    throw new BackendError('unfit', 'the login is not there any more; ask for another')
  await server.query(`alter role ${name(loginOf(leaseId))} valid until ${text(until.toISOString())}`)
}

/** Gives our own login another password. */
export const changeOwnPassword = async (server: PostgresServer, verifier: string): Promise<void> =>
  void (await server.query(`alter role current_user with password ${text(verifier)}`))

async function oidOf(server: PostgresServer, leaseId: string): Promise<string | null> {
  const { rows } = await server.query<{ oid: string }>('select oid::text from pg_roles where rolname = $1', [
    loginOf(leaseId),
  ])
  return rows[0]?.oid ?? null
}

/** Whether a login is there, what is connected as it, and the server's own time. */
export async function lookUpLogin(
  server: PostgresServer,
  leaseId: string,
): Promise<{ readonly there: boolean; readonly connections: number; readonly now: string }> {
  const { rows } = await server.query<{ there: boolean; connections: number; now: string }>(
    `select exists (select from pg_roles where rolname = $1) as there,
      (select count(*)::int from pg_stat_activity where usename = $1) as connections,
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
    [loginOf(leaseId)],
  )
  const [found] = rows
  if (found === undefined) throw new BackendError('unfit', 'the server does not answer a question')
  return found
}

/**
 * Ends a login: nobody logs in as it from the first statement on, then its connections are ended, what it owns goes to
 * the role that it had its rights from, and it is removed. One that is not there any more has ended.
 */
export async function endLogin(server: PostgresServer, leaseId: string): Promise<void> {
  const oid = await oidOf(server, leaseId)
  if (oid === null) return
  const login = { oid, name: loginOf(leaseId), own: name(loginOf(leaseId)) }
  try {
    await letNobodyIn(server, login)
    // whoever ends connections has to be who they are, or a superuser
    await server.query(`grant ${login.own} to current_user`)
    await endConnections(server, oid)
    const { elsewhere } = await takeBackPrepared(server, login)
    if (elsewhere !== null) throw preparedElsewhere(elsewhere)
    await leaveNothing(server, login)
  } catch (error) {
    if (stateOf(error) !== undefinedObject || (await oidOf(server, leaseId)) !== null) throw error
  }
}

/** Another process of ours has removed it meanwhile. */
const undefinedObject = '42704'

/** Lock not available, and a row that somebody has changed since we read it ("tuple concurrently updated"). */
const heldUp: ReadonlySet<string> = new Set(['55P03', 'XX000'])

/** Whoever waits longer for a role's row waits for its holder, who may change their own password and not commit. */
const heldUpMilliseconds = 250

/** So often in a row with nothing of the login's left to end: somebody else holds it, and not for a moment. */
const heldUpTriesMax = 4

/**
 * Closes a login. Its holder may have changed it in a transaction that is left open: nobody else can change it then, so
 * what they are connected by is ended until the change is ours. Somebody else is not waited for to the end: the other
 * logins of the server would wait, too.
 */
async function letNobodyIn(server: PostgresServer, login: EndedLogin): Promise<void> {
  const closing =
    `set local lock_timeout = ${heldUpMilliseconds}; ` +
    `alter role ${login.own} with nologin password null connection limit 0 valid until '-infinity'`
  for (let idle = 0; idle < heldUpTriesMax;) {
    try {
      return void (await server.query(closing))
    } catch (error) {
      if (!heldUp.has(stateOf(error) ?? '')) throw error
      await server.query(`grant ${login.own} to current_user`)
      const ended = await terminate(server, login.oid)
      const { takenBack, elsewhere } = await takeBackPrepared(server, login)
      if (ended + takenBack === 0 && elsewhere !== null) throw preparedElsewhere(elsewhere)
      idle = ended + takenBack === 0 ? idle + 1 : 0
      await sleep(lookAgainMilliseconds)
    }
  }
  throw new BackendError(
    'left-behind',
    'somebody else has changed the login in a transaction that is still open: end that (pg_stat_activity)',
  )
}

/**
 * Takes back what a login has prepared to commit: that holds its locks without any connection. In another database only
 * who is connected there can: its name is answered.
 */
async function takeBackPrepared(
  server: PostgresServer,
  { name: owner, own }: EndedLogin,
): Promise<{ readonly takenBack: number; readonly elsewhere: string | null }> {
  const { rows } = await server.query<{ gid: string; database: string; here: boolean }>(
    'select gid, database, database = current_database() as here from pg_prepared_xacts where owner = $1',
    [owner],
  )
  const here = rows.filter((row) => row.here)
  for (const { gid } of here) {
    await server.query(`set role ${own}`)
    await server.query(`rollback prepared ${text(gid)}`).finally(() => server.query('reset role'))
  }
  return { takenBack: here.length, elsewhere: rows.find((row) => !row.here)?.database ?? null }
}

const preparedElsewhere = (database: string): BackendError =>
  new BackendError(
    'left-behind',
    `a transaction that the login has prepared holds it in the database \`${shownText(database)}\`: ` +
      'ROLLBACK PREPARED there (pg_prepared_xacts)',
  )

const lookAgainMilliseconds = 50

async function terminate(server: PostgresServer, oid: string): Promise<number> {
  const { rowCount } = await server.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where usesysid = $1::oid',
    [oid],
  )
  return rowCount ?? 0
}

/** Until none is seen twice: one that was let in a moment before the login was closed appears a moment later. */
async function endConnections(server: PostgresServer, oid: string): Promise<void> {
  for (let quiet = 0; quiet < 2;) {
    quiet = (await terminate(server, oid)) === 0 ? quiet + 1 : 0
    await sleep(lookAgainMilliseconds)
  }
}

interface EndedLogin {
  readonly oid: string
  readonly name: string
  /** Its name, quoted. */
  readonly own: string
}

async function leaveNothing(server: PostgresServer, login: EndedLogin): Promise<void> {
  await inTransaction(server, async () => {
    if (await ownsSomething(server, login.oid)) await passOn(server, login)
    await server.query(`drop owned by ${login.own}`)
    await server.query(`drop role ${login.own}`).catch(async (error: unknown) => {
      throw stateOf(error) === dependentObjects ? leftBehind(error) : error
    })
  }).catch((error: unknown) => {
    throw stateOf(error) === lockNotAvailable ? lockedBySomebody(error) : error
  })
}

const dependentObjects = '2BP01'
const lockNotAvailable = '55P03'

/** That says nothing of the server, and nothing of its other logins. */
const lockedBySomebody = (cause: unknown): BackendError =>
  new BackendError(
    'left-behind',
    'the login is closed, and not removed: somebody has locked what it owns in a transaction that is still open ' +
      '(pg_locks)',
    { cause },
  )

/** What names the first databases, and fits beside the rest in the lease's row. */
const detailMax = 100

/** The server names what depends on a role in the detail of its error. */
function leftBehind(cause: unknown): BackendError {
  const detail =
    cause instanceof pg.DatabaseError ? shownText((cause.detail ?? '').replaceAll('\n', '; ')).slice(0, detailMax) : ''
  return new BackendError(
    'left-behind',
    `the login is closed, and not removed: it still has rights or objects elsewhere (${detail}); ` +
      'drop or reassign them there',
    { cause },
  )
}

async function ownsSomething(server: PostgresServer, oid: string): Promise<boolean> {
  const { rows } = await server.query<{ owns: boolean }>(
    `select exists (select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = $1::oid
      and deptype = 'o' and dbid in (0, (select oid from pg_database where datname = current_database()))) as owns`,
    [oid],
  )
  return rows[0]?.owns === true
}

/** To the first of the roles that it is a member of, as the server has it; to us when there is none. */
async function passOn(server: PostgresServer, { oid, own }: EndedLogin): Promise<void> {
  const { rows } = await server.query<{ name: string; ours: boolean }>(
    `select g.rolname as name, pg_has_role(current_user, g.oid, 'usage') as ours
      from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = $1::oid order by 1 limit 1`,
    [oid],
  )
  const [heir] = rows
  if (heir === undefined) return void (await server.query(`reassign owned by ${own} to current_user`))
  const to = name(heir.name)
  if (!heir.ours) await server.query(`grant ${to} to current_user`)
  await server.query(`reassign owned by ${own} to ${to}`)
  if (!heir.ours) await server.query(`revoke ${to} from current_user`)
}

/** A login of ours that a server has. */
export interface FoundLogin {
  readonly leaseId: string
  /** Its words say that it is of this backend; without words it may be. */
  readonly tagged: boolean
}

const ownName = '^gatehouse_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$'

/** All logins that have the name of a lease, and no other backend's words. */
export async function findLogins(server: PostgresServer, backendId: string): Promise<FoundLogin[]> {
  const { rows } = await server.query<FoundLogin>(
    `select array_to_string(regexp_match(rolname, $1), '-') as "leaseId", words is not null as tagged
      from (select rolname::text, shobj_description(oid, 'pg_authid') as words from pg_roles) roles
      where rolname ~ $1 and (words is null or words like $2) order by 1`,
    [ownName, `gatehouse backend=${backendId} lease=%`],
  )
  return rows
}
