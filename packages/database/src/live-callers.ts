/** Parameters of a statement (`$1`), each an array of ids; what stands at one place in all of them is one caller. */
export interface CallerParameters {
  readonly sessions: `$${number}`
  readonly people: `$${number}`
  readonly tokens: `$${number}`
}

/**
 * Who is behind tokens whose session and person are alive, and who is not locked, by their places in the arrays, from
 * 1. Whether a session is over by its dates is for who asks to say. `facts` is a digest of all that is said of one:
 * while it is the same, all of it is (ADR 091). Looked up one by one, as many as there are, and each session by its id,
 * whatever is planned (`offset 0`): a person may have thousands.
 *
 * INVARIANT: the arrays are asked for by selects of their own, so that the plan is the same for any number of callers
 * and is kept: where the database sees how many there are, it plans anew each time, which takes four times as long as
 * looking.
 */
export const liveCallers = ({ sessions, people, tokens }: CallerParameters): string => `
  select asked.place, said.*, sha256(convert_to(said::text, 'UTF8')) as facts
  from unnest((select ${sessions}::uuid[]), (select ${people}::uuid[]), (select ${tokens}::uuid[])) with ordinality
      as asked (session_id, user_id, token_id, place)
    cross join lateral (
      select u.id as user_id, u.username, u.display_name, u.must_change_password, u.cut_off,
        s.id as session_id, s.assurance, s.methods, s.auth_time, s.proved_at, s.recovery_until, s.last_used_at,
          s.expires_at, s.key_thumbprint,
        exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
        array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
        coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name) from team_member m
          join team t on t.id = m.team_id where m.user_id = u.id), '[]'::json) as teams
      from (select * from session where id = asked.session_id offset 0) as s join users u on u.id = s.user_id
      where u.id = asked.user_id and u.status = 'active' and s.revoked_at is null
        and not exists (select from revoked_token k where k.jti = asked.token_id)
        and not exists (select from locked_principal l where l.id = u.id)
      offset 0) as said`
