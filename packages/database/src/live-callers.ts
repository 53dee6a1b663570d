/** Parameters of a statement (`$1`), each an array of ids; what stands at one place in all of them is one caller. */
export interface CallerParameters {
  readonly sessions: `$${number}`
  readonly people: `$${number}`
  readonly tokens: `$${number}`
}

/**
 * INVARIANT: while the version of a caller is the same, all is that `said` says of them. It is the transactions that
 * wrote the rows of session, person and locks; others see of one what it wrote last. Roles, teams and authenticators
 * move the row of their person, and each lock moves the one row of all locks (migration 153, ADR 128); of a token that
 * is revoked there is no version at all.
 */
const version = `s.xmin || ' ' || u.xmin || ' ' || l.xmin`

/**
 * What is said of the caller that `asked` has at hand; no row: they are not alive, or locked. No more is joined than
 * has to be: starting a plan takes the database longer than looking at these rows, and this one starts at every call.
 * Each session is looked up by its id, whatever is planned (`offset 0`): a person may have thousands.
 */
const said = `
  select u.id as user_id, u.username, u.display_name, u.must_change_password, u.cut_off,
    s.id as session_id, s.assurance, s.methods, s.auth_time, s.proved_at, s.recovery_until, s.last_used_at,
      s.expires_at, s.key_thumbprint,
    exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
    array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
    array(select m.team_id || ' ' || (select t.name from team t where t.id = m.team_id)
      from team_member m where m.user_id = u.id order by m.team_id) as teams,
    ${version} as version
  from (select *, xmin from session where id = asked.session_id offset 0) as s
    join users u on u.id = s.user_id cross join access_lock_version l
  where u.id = asked.user_id and u.status = 'active' and s.revoked_at is null
    and not exists (select from revoked_token k where k.jti = asked.token_id)
    and not exists (select from locked_principal l where l.id = u.id)
  offset 0`

/**
 * Who is behind tokens whose session and person are alive, and who is not locked, by their places in the arrays, from
 * 1. Whether a session is over by its dates is for who asks to say. A team is its id, a space and its name, in the
 * order of the ids. While `version` is the same, all of it is (ADR 128).
 *
 * INVARIANT: the arrays are asked for by selects of their own, so that the plan is the same for any number of callers
 * and is kept: where the database sees how many there are, it plans anew each time, which takes four times as long as
 * looking.
 */
export const liveCallers = ({ sessions, people, tokens }: CallerParameters): string => `
  select asked.place, said.*
  from unnest((select ${sessions}::uuid[]), (select ${people}::uuid[]), (select ${tokens}::uuid[])) with ordinality
      as asked (session_id, user_id, token_id, place)
    cross join lateral (${said}) as said`

/** The version of a caller now; null: their session is not there any more, or the token is revoked. */
const versionNow = (session: string, token: string): string => `(
  select ${version}
  from (select user_id, xmin from session where id = ${session} offset 0) as s
    join users u on u.id = s.user_id cross join access_lock_version l
  where not exists (select from revoked_token k where k.jti = ${token}))`

/** Those of callers who are not of the version that stands in a third array, or are not there at all. */
export const movedCallers = ({
  sessions,
  tokens,
  versions,
}: Readonly<Record<'sessions' | 'tokens' | 'versions', `$${number}`>>): string =>
  `select from unnest((select ${sessions}::uuid[]), (select ${tokens}::uuid[]), (select ${versions}::text[]))
      as asked (session_id, token_id, version)
    where ${versionNow('asked.session_id', 'asked.token_id')} is distinct from asked.version`

/**
 * Whether one caller, by parameters that are no arrays, is of a version, which comes in its three parts
 * (`partsOfVersion`): a row that is found by its id and its version costs less than three texts.
 */
export const isCaller = ({ session, token, version: [ofSession, ofPerson, ofLocks] }: OneCaller): string => `
  exists (select from session s, users u, access_lock_version l
    where s.id = ${session}::uuid and s.xmin = ${ofSession}::xid and u.id = s.user_id and u.xmin = ${ofPerson}::xid
      and l.xmin = ${ofLocks}::xid)
  and (select true from revoked_token k where k.jti = ${token}::uuid) is null`

/** What `isCaller` is asked with for a version. */
export const partsOfVersion = (known: string): readonly string[] => known.split(' ')

interface OneCaller extends Readonly<Record<'session' | 'token', `$${number}`>> {
  readonly version: readonly [`$${number}`, `$${number}`, `$${number}`]
}
