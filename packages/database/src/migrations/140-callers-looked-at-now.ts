import { sql, type Kysely } from 'kysely'

/**
 * Whether callers still are who they were: `movedCallers` as it is at this version. INVARIANT: a volatile function sees
 * what was committed until it is called. The statement that calls it may have waited for a row, and sees itself only
 * what was there when it began: somebody who was locked out meanwhile would be there as before.
 */
const areSame = `
  create function callers_are_same(sessions uuid[], people uuid[], tokens uuid[], digests bytea[])
  returns boolean language plpgsql volatile as $body$
  begin
    return not exists (select from unnest(sessions, people, tokens, digests)
      as asked (session_id, user_id, token_id, facts)
      where (select sha256(convert_to(said::text, 'UTF8')) from (
        select u.id as user_id, u.username, u.display_name, u.must_change_password, u.cut_off,
          s.id as session_id, s.assurance, s.methods, s.auth_time, s.proved_at, s.recovery_until, s.last_used_at,
            s.expires_at, s.key_thumbprint,
          exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null)
            as has_authenticator,
          array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
          array(select m.team_id || ' ' || (select t.name from team t where t.id = m.team_id)
            from team_member m where m.user_id = u.id order by m.team_id) as teams
        from (select * from session where id = asked.session_id offset 0) as s join users u on u.id = s.user_id
        where u.id = asked.user_id and u.status = 'active' and s.revoked_at is null
          and not exists (select from revoked_token k where k.jti = asked.token_id)
          and not exists (select from locked_principal l where l.id = u.id)
        offset 0) as said)
        is distinct from asked.facts);
  end $body$`

export const up = async (db: Kysely<unknown>): Promise<void> => void (await sql.raw(areSame).execute(db))
