import { operations, type OperationName } from '@gatehouse/contract'
import { sampleOf, startGatewayHome, type GatewayHome } from '@gatehouse/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, logIn, principalOf, type Outside } from './support/outside.ts'

// No list and no decision leaves anything out because there is much of it: 1,001 of each thing, every one reached.

const many = 1001
const pageSize = 200

/** 1,001 of each thing, named by their numbers; each workspace has a host, a lease and a key. */
const rows = `
  insert into workspace (id, name, created_at)
    select gen_random_uuid()::text, 'w-' || n, now() from generate_series(1, ${many}) n;
  insert into team (id, name, description, created_at)
    select gen_random_uuid(), 't-' || n, '', now() from generate_series(1, ${many}) n;
  insert into users (id, username, display_name, status, password_hash, must_change_password, password_changed_at,
      created_at)
    select gen_random_uuid(), 'u-' || n, 'u', 'active', '!', false, now(), now() from generate_series(1, ${many}) n;
  insert into user_role (user_id, role) select id, 'Viewer' from users where username like 'u-%';
  insert into service_account (id, name, description, status, created_at)
    select gen_random_uuid(), 's-' || n, '', 'active', now() from generate_series(1, ${many}) n;
  insert into ssh_host (id, name, workspace_id, address, port, user_name, access, principals, source_addresses,
      created_at, host_key)
    select gen_random_uuid(), 'h-' || substr(name, 3), id, 'h-' || substr(name, 3) || '.example.org', 22,
        'deploy', 'ca',
      '{deploy}', '{192.0.2.0/24}', now(),
      'ssh-ed25519 ' || encode('\\x0000000b7373682d6564323535313900000020'::bytea || sha256(name::bytea),
        'base64') from workspace where name like 'w-%';
  insert into kms_key (id, workspace_id, name, backend, state, state_since, current_version, minimum_version,
      deletion_guard, created_at)
    select gen_random_uuid(), id, 'k-' || substr(name, 3), 'installation', 'enabled', now(), 1, 1, true, now()
      from workspace where name like 'w-%';
  insert into kms_key_version (key_id, version, state, created_at)
    select id, 1, 'live', now() from kms_key where name like 'k-%';
  insert into secret_backend (id, name, kind, settings, shown, identity, created_at)
    values (gen_random_uuid(), 'one-db', 'postgres', '\\x00', 'x', 'x', now());
  insert into secret_role (id, name, workspace_id, backend_id, ttl_seconds_max, form, created_at)
    select gen_random_uuid(), 'r-' || substr(w.name, 3), w.id, b.id, 3600, '{"grants": ["x"], "connectionsMax": 1}',
      now() from workspace w, secret_backend b where w.name like 'w-%';
  insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name, state,
      issued_at, expires_at, ended_at)
    select gen_random_uuid(), 'ssh-certificate', 'deploy', id, 'a test', 'User', gen_random_uuid()::text, 'u-1',
      'expired', now(), now(), now() from workspace where name like 'w-%';
  insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name, state,
      issued_at, expires_at)
    select gen_random_uuid(), 'ssh-certificate', 'deploy', w.id, 'a test', 'User', gen_random_uuid()::text, 'u-1',
      s, now(), now() + interval '10 minutes'
      from workspace w, generate_series(1, ${many}), unnest(array['active', 'irrevocable']) s where w.name = 'w-2';
  insert into ssh_key (id, lease_id, host_id, workspace_id, user_name, public_key, fingerprint,
        source_addresses, state,
      created_at, expires_at)
    select gen_random_uuid(), l.id, h.id, l.workspace_id, 'deploy', 'ssh-ed25519 AAAA', 'SHA256:x',
        '{192.0.2.0/24}',
      'expired', now(), now() from lease l join ssh_host h on h.workspace_id = l.workspace_id
      where l.state = 'expired';
  insert into api_token (id, name, account_id, hash, hint, purpose, scopes, source_addresses, created_at,
        expires_at)
    select gen_random_uuid(), 'k-' || n, (select id from service_account where name = 's-1'),
        sha256(n::text::bytea), 'x',
      'a test', '{read}', '{}', now(), now() + interval '1 day' from generate_series(1, ${many}) n;
  insert into session (id, user_id, assurance, methods, auth_time, address, user_agent, created_at, last_used_at,
      expires_at)
    select gen_random_uuid(), (select id from users where username = 'u-1'), 'mfa', '{}', now(), '192.0.2.1',
        'x', now(), now(),
      now() + interval '1 day' from generate_series(1, ${many}) n;
  insert into authenticator (id, user_id, kind, name, created_at, confirmed_at)
    select gen_random_uuid(), (select id from users where username = 'u-1'), 'totp', 'a', now(), now()
      from generate_series(1, ${many}) n;
  insert into notification (id, user_id, kind, text, created_at)
    select gen_random_uuid(), (select id from users where username = 'ARI'), 'newSession', 'x', now()
      from generate_series(1, ${many}) n;
  insert into audit_view (id, owner_id, name, filters, shared, created_at)
    select gen_random_uuid(), (select id from users where username = 'ARI'), 'v-' || n, '{}', false, now()
      from generate_series(1, ${many}) n;
  insert into approval (id, action, requester_id, subject_id, resource_id, call_hash, request_hash, reason, state,
      created_at, expires_at)
    select gen_random_uuid(), 'mfa.reset', a.id, u.id, u.id::text, sha256(u.username::bytea),
      sha256(u.username::bytea), 'a test', 'denied', now(), now() + interval '1 day'
     from users u, users a where a.username = 'ARI' and u.username like 'u-%';
  insert into access_lock (id, kind, target, name, reason, created_at)
    select gen_random_uuid(), 'key', 'l-' || n, 'l-' || n, 'a test', now() from generate_series(1, ${many}) n;
  insert into alert (id, kind, severity, about_type, about_id, dedupe_key, facts, state, first_at, last_at, told_at,
      moved_at)
    select gen_random_uuid(), 'policy-error', 'low', 'System', 'gatehouse', 'a-' || n, '{}', 'open', now(), now(),
      now(), now() from generate_series(1, ${many}) n;
  insert into incident (id, title, kind, severity, state, description, classification, affected, data_subjects,
      functions, breach, detected_at, state_since, created_at, opened_by_type)
    select gen_random_uuid(), 'i-' || n, 'other', 'low', 'detected', '', 'internal', '[]', '', '{}', false, now(),
      now(), now(), 'User' from generate_series(1, ${many}) n;
  insert into break_glass_request (id, requester_id, requester_name, version, hash, document, workspace_id, incident,
      severity, justification, actions, duration_seconds, state, passed_ms, open_ms, seen_at, boot_id, steady_ms,
      address, user_agent, session_id, created_at)
    select u.id, u.id, u.username, 1, sha256(u.username::bytea), json_build_object('v', 1,
        'type', 'gatehouse.break-glass.request', 'id', u.id, 'version', 1,
        'requester', json_build_object('id', u.id, 'name', u.username), 'incident', 'i', 'severity', 'low',
        'justification', 'a test', 'workspace', json_build_object('id', w.id, 'name', w.name,
        'environment', 'development'), 'actions', '["sshHost.list"]'::json, 'durationSeconds', 3600, 'drill', false,
        'at', '2026-01-01T00:00:00.000Z')::text,
      w.id, 'i', 'low', 'a test', '{sshHost.list}', 3600, 'ended', 0, 0, now(), 'x', 0, '192.0.2.1', 'x', 'x', now()
      from users u, workspace w where u.username like 'u-%' and w.name = 'w-1';
  insert into emergency_session (id, request_id, user_id, workspace_id, actions, duration_seconds, approver_ids,
      quorum, token_id, passed_ms, idle_ms, seen_at, boot_id, steady_ms, activated_at, expires_at, ended_by, ended_at)
    select gen_random_uuid(), id, requester_id, workspace_id, actions, 3600, array[requester_id, requester_id],
      '{"rule":null,"totpAdmitted":true,"standing":[]}', gen_random_uuid(), 0, 0, now(), 'x', 0, now(), now(),
      'expired', now() from break_glass_request;
`

/** Times come from the server's clock, in milliseconds; all of these things were made in the same one. */
const moment = "date_trunc('milliseconds', now())"

/** What each list is asked for, so that it has at least 1,001. */
const lists: Readonly<Partial<Record<OperationName, Readonly<Record<string, unknown>>>>> = {
  'workspace.list': {},
  'team.list': {},
  'user.list': {},
  'serviceAccount.list': {},
  'sshHost.list': {},
  'lease.list': {},
  'lease.irrevocable': {},
  'lease.expiring': { withinSeconds: 3600 },
  'sshKey.list': {},
  'kmsKey.list': {},
  'secretRole.list': {},
  'apiToken.list': { serviceAccount: 's-1' },
  'session.list': { user: 'u-1' },
  'authenticator.list': { user: 'u-1' },
  'notification.list': {},
  'approval.list': {},
  'auditView.list': {},
  'leaseView.list': {},
  'lock.list': {},
  'alert.list': {},
  'incident.list': {},
  'breakGlass.list': {},
  'emergencySession.list': {},
}

describe('a thousand and one of each thing', () => {
  let home: GatewayHome
  let database: pg.Client
  let admin: Outside

  beforeAll(async () => {
    home = await startGatewayHome()
    const person = principalOf(home.dev(), 'Admin')
    admin = await logIn(baseOf(home.dev()), person)
    database = new pg.Client({ connectionString: home.dev().database.adminUrl })
    await database.connect()
    await database.query(rows.replaceAll('ARI', person.username).replaceAll('now()', moment))
  })
  afterAll(async () => {
    await database.end()
    await home.remove()
  })

  // every list under `npm run test:long`, a third of them each day
  test.each(sampleOf(Object.entries(lists), 6))(
    '%s gives every one, page by page, each once',
    async (name, filters) => {
      const ids: unknown[] = []
      let after: unknown
      do {
        const input = { ...filters, first: pageSize, ...(typeof after === 'string' ? { after } : {}) }
        const page = await admin.query(name, input)
        expect(page.code).toBeNull()
        const { items, nextCursor } = page.data as { items: { id: unknown }[]; nextCursor: unknown } // the interface
        expect(items.length).toBeLessThanOrEqual(pageSize)
        ids.push(...items.map(({ id }) => id))
        after = nextCursor
      } while (after !== null)
      expect(ids.length).toBeGreaterThanOrEqual(many)
      expect(new Set(ids).size).toBe(ids.length)
    },
  )

  test('every list is asked but those of what the system makes itself', () => {
    const own: readonly string[] = [
      'sshCertificate.list',
      'signingKey.list',
      'audit.search',
      'policy.list',
      'policy.history',
      'decision.list',
      'auditSink.list', // there are twenty at most
      'alertChannel.list', // as many
      'secretBackend.list', // a hundred
      'sshAuthority.list', // twenty
      'kmsKey.ciphertexts', // of one key
      'auditSink.deadLetters',
      'alertChannel.deadLetters',
    ]
    const paged = Object.values(operations).filter(({ list }) => list !== undefined)
    const asked = paged.map(({ name }) => name).filter((name) => name in lists || own.includes(name))
    expect(asked).toEqual(paged.map(({ name }) => name))
  })

  test('the last exists for decisions as the first does', async () => {
    for (const n of [1, many - 1, many]) {
      expect((await admin.query('workspace.get', { id: `w-${n}` })).data['name']).toBe(`w-${n}`)
      expect((await admin.query('sshHost.get', { id: `h-${n}` })).data['name']).toBe(`h-${n}`)
      const within = await admin.query('lease.list', { workspace: `w-${n}` })
      expect((within.data as { items: unknown[] }).items).toHaveLength(1) // the interface
      expect((await admin.query('user.get', { id: `u-${n}` })).data['username']).toBe(`u-${n}`)
    }
  })
})
