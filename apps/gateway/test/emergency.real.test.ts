// Threats D1 to D7, invariants I4 and I5 and the three faults of emergency access elsewhere, through the real
// application: over both transports of two gateways on one database, without a worker.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { OperationName } from '@gatehouse/contract'
import { volume } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { enumNameOf } from '../src/transports/graphql-names.ts'
import { codeOf, dataOf, startChain, type Asked, type Chain, type Over } from './chain-gateway.ts'

/** A transport of a gateway. */
interface Door {
  readonly name: string
  readonly over: Over
  readonly spelled: (option: string) => string
}

const people = ['ada-admin', 'anton-admin', 'olga-operator', 'oscar-operator', 'dora-developer', 'vera-viewer']
let chain: Chain
let doors: readonly Door[]
beforeAll(async () => {
  chain = await startChain({ people, settings: '[jwt]\naccess_token_ttl = "1h"\n' })
  const gateways = [chain, await chain.openAnother()]
  doors = gateways.flatMap(({ trpc, graphql }, at): Door[] => [
    { name: `tRPC of gateway ${at + 1}`, over: trpc, spelled: String },
    { name: `GraphQL of gateway ${at + 1}`, over: graphql, spelled: enumNameOf },
  ])
})
afterAll(() => chain.stop())

/** Nothing is open, and everybody has just proved who they are: whole volumes outlast a proof. */
const closeAll = async (): Promise<void> => {
  await run('update session set proved_at = now()')
  await run("update emergency_session set ended_by = 'revoked', ended_at = now() where ended_by is null")
  await run("update emergency_session set reviewed_at = now(), review = '{}' where reviewed_at is null")
  await run("update break_glass_request set state = 'ended' where state in ('pending', 'approved', 'active')")
}
beforeEach(closeAll)

const run = async (text: string, values: unknown[] = []): Promise<readonly Record<string, unknown>[]> =>
  (await chain.admin.query<Record<string, unknown>>(text, values)).rows
const door = (at: number): Door => doors[at % doors.length] as Door // there are four
const first: Over = (...given) => door(0).over(...given)

/** What is answered at every door, one after the other. */
async function codes(name: OperationName, input: object, asked: Asked): Promise<readonly string[]> {
  const said: string[] = []
  for (const { over } of doors) said.push(codeOf(await over(name, input, asked)))
  return said
}
const everywhere = (code: string): readonly string[] => doors.map(() => code)
/** Of many at once somebody may be told to wait. */
const waiting = new Set(['unavailable', 'rate-limited'])
const settled = (said: readonly string[]): readonly string[] => [...new Set(said).difference(waiting)].toSorted()

interface Request {
  readonly id: string
  readonly hash: string
}
const asking = ({ spelled }: Door) => ({
  incident: 'INC-D',
  severity: spelled('critical'),
  justification: 'payments fail and the database host does not answer',
  workspace: 'default',
  actions: ['sshHost.list', 'lease.list'].map(spelled),
})
async function ask(more: object = {}): Promise<Request> {
  const { id, hash } = dataOf(await first('breakGlass.request', { ...asking(door(0)), ...more }, { as: 'ada-admin' }))
  return { id: String(id), hash: String(hash) }
}
const vote = async ({ id, hash }: Request, as: string, at = 0): Promise<string> =>
  codeOf(await door(at).over('breakGlass.approve', { id, hash }, { as }))
/** Asked for by Ada, of platform-admin; approved by two of two other teams. */
async function approved(more: object = {}): Promise<Request> {
  const request = await ask(more)
  expect(await Promise.all([vote(request, 'oscar-operator', 1), vote(request, 'anton-admin', 2)])).toEqual(['ok', 'ok'])
  return request
}
interface Seen {
  readonly state: string
  readonly missing: number
  readonly approvals: readonly { readonly principal: string }[]
}
const seen = async ({ id }: Request): Promise<Seen> =>
  dataOf(await first('breakGlass.get', { id }, { as: 'ada-admin' })) as unknown as Seen // as the contract declares it
const sessionsOf = async ({ id }: Request): Promise<number> =>
  (await run('select 1 from emergency_session where request_id = $1', [id])).length

interface Activated {
  readonly session: string
  readonly token: string
}
/** Activates at one door; null: it was refused. */
async function activate({ id }: Request, at: number, asked: Asked = {}): Promise<Activated | null> {
  const fields = 'accessToken session { id }'
  const { text } = await door(at).over('breakGlass.activate', { id }, { as: 'ada-admin', fields, ...asked })
  if (codeOf({ text }) !== 'ok') return null
  const { result, data } = JSON.parse(text) as { result?: { data: Given }; data?: { answer: Given } } // by transport
  const given = result?.data ?? data?.answer
  return { session: given?.session.id ?? '', token: given?.accessToken ?? '' }
}
interface Given {
  readonly accessToken: string
  readonly session: { readonly id: string }
}
const bearing = (token: string): Asked => ({ headers: { authorization: `Bearer ${token}` } })

describe('D1: one approval is counted once, and one activation comes of it', () => {
  test('k approvers many times at once, by every door, are k; many activations are one, with one token', async () => {
    const request = await ask()
    const times = Array.from({ length: volume({ sample: 8, full: 1000 }) }, (_, at) => at)
    const voters = ['oscar-operator', 'anton-admin', 'olga-operator']
    const said = await Promise.all(times.flatMap((at) => voters.map((who, by) => vote(request, who, at + by))))
    expect(settled(said)).toEqual(['ok'])
    const { approvals, state } = await seen(request)
    expect([approvals.map(({ principal }) => principal).toSorted(), state]).toEqual([voters.toSorted(), 'approved'])
    await run('update session set proved_at = now()')
    const given = await Promise.all(times.map((at) => activate(request, at)))
    const tokens = given.flatMap((one) => (one === null ? [] : [one.token]))
    expect([tokens.length, await sessionsOf(request)]).toEqual([1, 1])
    expect(await codes('lease.list', {}, bearing(tokens[0] ?? ''))).toEqual(everywhere('ok'))
    // played again it gives no second one, by no door
    expect(await codes('breakGlass.activate', { id: request.id }, { as: 'ada-admin' })).toEqual(everywhere('conflict'))
  })
})

describe('D2: nobody approves their own request', () => {
  test('not as the web or the command line asks, not by an API token, and not by an emergency token', async () => {
    const { id, hash } = await ask()
    expect(await codes('breakGlass.approve', { id, hash }, { as: 'ada-admin' })).toEqual(everywhere('forbidden'))
    const named = { name: `votes-${id}`, purpose: 'a test', scopes: ['read'] }
    const made = dataOf(await first('apiToken.create', named, { as: 'ada-admin' }))
    expect(await codes('breakGlass.approve', { id, hash }, bearing(String(made['token'])))).toEqual(
      everywhere('forbidden'),
    )
    const { token = '' } = (await activate(await approved(), 1)) ?? {}
    for (const name of ['breakGlass.approve', 'breakGlass.request', 'breakGlass.activate'] as const) {
      const input = { 'breakGlass.approve': { id, hash }, 'breakGlass.activate': { id } }[name as 'breakGlass.approve']
      for (const one of doors)
        expect([name, codeOf(await one.over(name, input ?? asking(one), bearing(token)))]).toEqual([name, 'forbidden'])
    }
    expect(await run('select 1 from break_glass_vote where request_id = $1', [id])).toEqual([])
  })

  test('a program neither asks nor votes nor activates, whatever its scopes', async () => {
    const { id, hash } = await approved()
    const service = `program-${id}`
    dataOf(await first('serviceAccount.create', { name: service, teams: ['sre'] }, { as: 'ada-admin' }))
    const named = { name: 'all', purpose: 'a test', sourceAddresses: ['127.0.0.0/8'], serviceAccount: service }
    const make = (scopes: readonly string[]) => first('apiToken.create', { ...named, scopes }, { as: 'ada-admin' })
    expect(codeOf(await make(['breakGlass.*']))).toBe('invalid-input')
    const made = await make(['read', 'lease.*'])
    const asked = bearing(String(dataOf(made)['token']))
    expect(await codes('breakGlass.approve', { id, hash }, asked)).toEqual(everywhere('forbidden'))
    expect(await codes('breakGlass.activate', { id }, asked)).toEqual(everywhere('forbidden'))
    for (const one of doors) expect(codeOf(await one.over('breakGlass.request', asking(one), asked))).toBe('forbidden')
    expect(await sessionsOf({ id, hash })).toBe(0)
  })
})

/** A way in which two accounts are one person's, or one made the other; and what is said of it. */
interface Alike {
  readonly name: string
  readonly make: (first: string, second: string) => Promise<unknown>
  readonly undo: string
  readonly hint: string
}
const keyOf = (who: string, credential: string): Promise<unknown> =>
  run(
    `with made as (insert into authenticator (id, user_id, kind, name, confirmed_at)
      select gen_random_uuid(), id, 'webauthn', 'twin', now() from users where username = $1 returning id)
    insert into webauthn_credential (authenticator_id, credential_id, public_key, counter, transports, passkey,
      backup_eligible, backed_up, user_verified, aaguid, attestation_format, attestation)
    select id, decode($2, 'hex'), decode('aa', 'hex'), 0, '{}', false, false, false, true,
      '00000000-0000-0000-0000-00000000000a', 'none', decode('00', 'hex') from made`,
    [who, credential],
  )
const given = (what: string, value: string | null) => (one: string, other: string) =>
  run(
    `insert into person_gift (id, user_id, giver_id, what, given, at) select gen_random_uuid(), b.id, a.id, $3,
      case $3 when 'team' then (select team_id::text from team_member where user_id = b.id) else $4 end,
      now() - interval '6 days' from users a, users b where a.username = $1 and b.username = $2`,
    [one, other, what, value],
  )
const alike: readonly Alike[] = [
  {
    name: 'one mailbox, plus-tags off',
    make: (one, other) =>
      run(
        `update users set email = case username when $1 then 'Ada+oncall@example.org' else 'ada@EXAMPLE.org' end
          where username in ($1, $2)`,
        [one, other],
      ),
    undo: 'update users set email = null',
    hint: 'another account of',
  },
  {
    name: 'one key that their sessions are bound to',
    make: (one, other) =>
      run(
        `insert into session (id, user_id, assurance, methods, auth_time, address, user_agent, last_used_at,
          expires_at, key_thumbprint) select gen_random_uuid(), id, 'mfa', '{}', now(), '', '', now(), now(), 'one-line'
          from users where username in ($1, $2)`,
        [one, other],
      ),
    undo: "delete from session where key_thumbprint = 'one-line'",
    hint: 'another account of',
  },
  {
    name: 'the same key in authenticators of one model',
    make: (one, other) => Promise.all([keyOf(one, 'c1'), keyOf(other, 'c2')]),
    undo: "delete from authenticator where name = 'twin'",
    hint: 'another account of',
  },
  {
    name: 'an account that the one gave to the other this week',
    make: given('account', null),
    undo: 'delete from person_gift',
    hint: 'less than 7 days ago',
  },
  {
    name: 'the team that the one gave to the other this week',
    make: given('team', null),
    undo: 'delete from person_gift',
    hint: 'in no team that is older than 7 days',
  },
]

describe('D3: second accounts of one person do not count', () => {
  test.each(alike)('$name: not with who asked, and not as two voters', async ({ make, undo, hint }) => {
    await make('ada-admin', 'anton-admin')
    const own = await ask()
    expect(await codes('breakGlass.approve', { ...own }, { as: 'anton-admin' })).toEqual(everywhere('forbidden'))
    for (const { over } of doors)
      expect((await over('breakGlass.approve', { ...own }, { as: 'anton-admin' })).text).toContain(hint)
    await run(undo)
    // and where it comes out after both have voted, the later of them has not
    const request = await approved()
    await make('oscar-operator', 'anton-admin')
    await make('anton-admin', 'oscar-operator').catch(() => undefined) // marks are of both anyway
    expect(await codes('breakGlass.activate', { id: request.id }, { as: 'ada-admin' })).toEqual(
      everywhere('approval-pending'),
    )
    await run(undo)
    expect(await activate(request, 3)).not.toBeNull()
  })
})

describe('D4: what approvers are is read again at activation', () => {
  const member = `team_member where user_id = (select id from users where username = 'anton-admin')`
  const changes = [
    ['disabled', "update users set status = 'disabled' where username = 'anton-admin'"],
    ['out of their team', `delete from ${member}`],
    [
      'moved to the team of the other',
      `update team_member set team_id = (select team_id from team_member m
      join users u on u.id = m.user_id where u.username = 'oscar-operator') where user_id = (select id from users
      where username = 'anton-admin')`,
    ],
    [
      'moved to the team of who asked',
      `update team_member set team_id = (select team_id from team_member m
      join users u on u.id = m.user_id where u.username = 'ada-admin') where user_id = (select id from users
      where username = 'anton-admin')`,
    ],
    [
      'a Viewer now',
      `update user_role set role = 'Viewer' where user_id = (select id from users
      where username = 'anton-admin')`,
    ],
  ] as const

  test.each(changes)('an approver who is %s takes their yes along', async (_what, change) => {
    const request = await approved()
    const [team] = await run(`select team_id from ${member}`)
    await run(change)
    expect(await codes('breakGlass.activate', { id: request.id }, { as: 'ada-admin' })).toEqual(
      everywhere('approval-pending'),
    )
    expect(await sessionsOf(request)).toBe(0)
    await run("update users set status = 'active' where username = 'anton-admin'")
    await run(`delete from ${member}`)
    await run(`insert into team_member (user_id, team_id) select id, $1 from users where username = 'anton-admin'`, [
      team?.['team_id'],
    ])
    await run(`update user_role set role = 'Admin' where user_id = (select id from users
      where username = 'anton-admin')`)
    expect(await activate(request, 1)).not.toBeNull()
  })

  test('an approver who says no at the moment of the activation: one of both, never half', async () => {
    for (let round = 0; round < volume({ sample: 2, full: 50 }); round += 1) {
      const request = await approved()
      const denying = { id: request.id, reason: 'nobody knows of it' }
      const [said, activated] = await Promise.all([
        door(round + 1).over('breakGlass.deny', denying, { as: 'anton-admin' }),
        activate(request, round),
      ])
      expect([codeOf(said), activated !== null, await sessionsOf(request)]).toBeOneOf([
        ['ok', false, 0],
        ['conflict', true, 1],
      ])
      await closeAll()
    }
  })

  test('an approver who is disabled at that moment: no session, or one whose token is dead', async () => {
    for (let round = 0; round < volume({ sample: 2, full: 50 }); round += 1) {
      const request = await approved()
      const [activated] = await Promise.all([activate(request, round), run(changes[0][1])])
      const token = activated?.token ?? 'none'
      expect(await codes('lease.list', {}, bearing(token))).toEqual(everywhere('unauthenticated'))
      expect(await sessionsOf(request)).toBe(activated === null ? 0 : 1)
      await run("update users set status = 'active' where username = 'anton-admin'")
      await closeAll()
    }
  })

  test('a rule that asks for more at that moment: by the one rule or the other', async () => {
    for (let round = 0; round < volume({ sample: 2, full: 50 }); round += 1) {
      const request = await approved()
      const [activated] = await Promise.all([
        activate(request, round),
        run(`insert into break_glass_rule (id, rule, totp_admitted, updated_at)
          values (1, '{"people":3,"roles":["Admin","Operator"]}', true, now())`),
      ])
      const [kept] = await run('select quorum::jsonb -> $2 as rule from emergency_session where request_id = $1', [
        request.id,
        'rule',
      ])
      expect(kept?.['rule'] ?? null).toEqual(activated === null ? null : { people: 2, roles: ['Admin', 'Operator'] })
      await run('delete from break_glass_rule')
      await closeAll()
    }
  })
})

describe('D5: outsiders neither cancel nor crowd out', () => {
  test('who has no part in a request takes it back, changes or activates it by no door', async () => {
    const request = await approved()
    for (const as of ['dora-developer', 'oscar-operator', 'vera-viewer']) {
      const refused = as === 'vera-viewer' ? 'not-found' : 'forbidden'
      expect(await codes('breakGlass.cancel', { id: request.id, reason: 'a test' }, { as })).toEqual(
        everywhere(refused),
      )
      expect(await codes('breakGlass.update', { id: request.id, incident: 'X' }, { as })).toEqual(everywhere(refused))
      expect(await codes('breakGlass.activate', { id: request.id }, { as })).toEqual(everywhere(refused))
    }
    expect((await seen(request)).state).toBe('approved')
  })

  test('a flood of junk requests by every door leaves three, and a real one goes its way meanwhile', async () => {
    const many = volume({ sample: 24, full: 1000 })
    let answered = 0
    const junk = Array.from({ length: many }, async (_, at) => {
      const code = codeOf(await door(at).over('breakGlass.request', asking(door(at)), { as: 'olga-operator' }))
      answered += 1
      return code
    })
    const request = await approved()
    expect(await activate(request, 3)).not.toBeNull()
    if (many > 100) expect(answered).toBeLessThan(many)
    const said = await Promise.all(junk)
    expect(settled(said)).toEqual(['conflict', 'ok'])
    expect(said.filter((code) => code === 'ok').length).toBe(3)
  })
})

describe('D6: a yes is to one version of a request', () => {
  test('an edit by either transport voids every vote, and the hash of before is good at no door', async () => {
    for (const [at, { over }] of doors.entries()) {
      const request = await approved()
      const edit = { id: request.id, durationSeconds: 600 + at }
      expect(codeOf(await over('breakGlass.update', edit, { as: 'ada-admin' }))).toBe('ok')
      expect(await seen(request)).toMatchObject({ state: 'pending', missing: 2, approvals: [] })
      expect(await codes('breakGlass.approve', { ...request }, { as: 'oscar-operator' })).toEqual(
        everywhere('conflict'),
      )
      expect(await codes('breakGlass.activate', { id: request.id }, { as: 'ada-admin' })).toEqual(
        everywhere('approval-pending'),
      )
      await first('breakGlass.cancel', { id: request.id, reason: 'a test' }, { as: 'ada-admin' })
      // one may take back so many within an hour
      await run("update break_glass_request set created_at = created_at - interval '2 hours' where id = $1", [
        request.id,
      ])
    }
  })
})

describe('D7: a session ends by time that went by', () => {
  const passes = ({ session }: Activated, { wall, steady }: { readonly wall: string; readonly steady: number }) =>
    run(`update emergency_session set seen_at = seen_at - $2::interval, steady_ms = steady_ms - $3 where id = $1`, [
      session,
      wall,
      steady,
    ])

  test('with the clock set back an hour and no worker, its token is dead at every door after four hours', async () => {
    const activated = await activate(await approved({ durationSeconds: 14_400 }), 1)
    if (activated === null) throw new TypeError('it was approved')
    await run('update emergency_session set idle_ms = -20000000 where id = $1', [activated.session])
    await passes(activated, { wall: '-1 hour', steady: 14_380_000 })
    expect(await codes('lease.list', {}, bearing(activated.token))).toEqual(everywhere('ok'))
    await passes(activated, { wall: '-1 hour', steady: 30_000 })
    expect(await codes('lease.list', {}, bearing(activated.token))).toEqual(everywhere('unauthenticated'))
  })

  test('unused for half an hour, or never activated in time, it is over at every door by itself', async () => {
    const activated = await activate(await approved(), 0)
    if (activated === null) throw new TypeError('it was approved')
    await passes(activated, { wall: '31 minutes', steady: 0 })
    expect(await codes('lease.list', {}, bearing(activated.token))).toEqual(everywhere('unauthenticated'))
    const request = await approved()
    await run("update break_glass_request set seen_at = seen_at - interval '31 minutes' where id = $1", [request.id])
    expect(await codes('breakGlass.activate', { id: request.id }, { as: 'ada-admin' })).toEqual(everywhere('conflict'))
  })
})

describe('I4: an approval that was answered is never lost', () => {
  test('of votes by every door at once each that was answered counts, once', async () => {
    for (let round = 0; round < volume({ sample: 2, full: 50 }); round += 1) {
      const request = await ask()
      const voters = ['oscar-operator', 'anton-admin', 'olga-operator', 'vera-viewer']
      const said = await Promise.all(
        voters.flatMap((who) => doors.map(async (_, at) => [who, await vote(request, who, at)] as const)),
      )
      const told = new Set(said.flatMap(([who, code]) => (code === 'ok' ? [who] : [])))
      const { approvals } = await seen(request)
      expect(approvals.map(({ principal }) => principal).toSorted()).toEqual([...told].toSorted())
      expect(told).toEqual(new Set(voters.slice(0, 3)))
      await first('breakGlass.cancel', { id: request.id, reason: 'a test' }, { as: 'ada-admin' })
      // one may take back so many within an hour
      await run("update break_glass_request set created_at = created_at - interval '2 hours' where id = $1", [
        request.id,
      ])
    }
  })
})

describe('I5: an emergency token is one of its request, after the quorum, and dies on time', () => {
  test('none before the quorum, one of many at once, and refused at every door after its revocation', async () => {
    const request = await ask()
    expect(await vote(request, 'oscar-operator', 3)).toBe('ok')
    const tryAll = () =>
      Promise.all(Array.from({ length: volume({ sample: 8, full: 1000 }) }, (_, at) => activate(request, at)))
    expect((await tryAll()).filter((one) => one !== null)).toEqual([])
    expect(await vote(request, 'anton-admin', 2)).toBe('ok')
    await run('update session set proved_at = now()')
    const [activated, ...more] = (await tryAll()).filter((one) => one !== null)
    expect([more.length, await sessionsOf(request)]).toEqual([0, 1])
    expect(await codes('lease.list', {}, bearing(activated?.token ?? ''))).toEqual(everywhere('ok'))
    const revoked = await door(1).over(
      'emergencySession.revoke',
      { id: activated?.session, reason: 'a test' },
      { as: 'oscar-operator' },
    )
    expect(codeOf(revoked)).toBe('ok')
    expect(await codes('lease.list', {}, bearing(activated?.token ?? ''))).toEqual(everywhere('unauthenticated'))
  })

  test('bound to a key it is nothing without it, nor with another', async () => {
    const [own, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
    const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const proof = ({ publicKey, privateKey }: typeof own, path: string, token?: string): string => {
      const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
      const claims = { jti: randomUUID(), htm: 'POST', htu: `http://localhost:8420${path}`, ...ath }
      const iat = Math.floor(chain.gateway.now().getTime() / 1000)
      const head = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: publicKey.export({ format: 'jwk' }) }
      const text = `${b64(head)}.${b64({ ...claims, iat })}`
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
    }
    const place = (at: number, name: string): string => (at % 2 === 0 ? `/trpc/${name}` : '/graphql')
    const request = await approved({ actions: ['session.revoke'] })
    const headers = { dpop: proof(own, place(0, 'breakGlass.activate')) }
    const activated = await activate(request, 0, { headers })
    const token = activated?.token ?? ''
    const used = async (at: number, scheme: string, key: typeof own | null): Promise<string> => {
      const headers: Record<string, string> = { authorization: `${scheme} ${token}` }
      if (key !== null) headers['dpop'] = proof(key, place(at, 'session.revoke'), token)
      const asked = { headers }
      return codeOf(await door(at).over('session.revoke', { id: randomUUID(), reason: 'a test' }, asked))
    }
    for (const at of doors.keys()) {
      expect([at, await used(at, 'DPoP', own)]).toEqual([at, 'not-found']) // who it is was believed
      for (const [scheme, key] of [
        ['Bearer', null],
        ['DPoP', null],
        ['DPoP', other],
        ['Bearer', own],
      ] as const)
        expect([at, scheme, await used(at, scheme, key)]).toEqual([at, scheme, 'unauthenticated'])
    }
  })
})

describe('what emergency access elsewhere got wrong', () => {
  test('thresholds that are joined by "or": two of one team are never two of two teams', async () => {
    const request = await ask()
    expect(await vote(request, 'anton-admin', 1)).toBe('ok')
    expect(await vote(request, 'olga-operator', 3)).toBe('ok')
    expect(await seen(request)).toMatchObject({ state: 'pending', missing: 1 })
    expect(await codes('breakGlass.activate', { id: request.id }, { as: 'ada-admin' })).toEqual(
      everywhere('approval-pending'),
    )
    expect(await vote(request, 'oscar-operator', 0)).toBe('ok')
    expect(await activate(request, 1)).not.toBeNull()
  })

  const ok = '{"people":2,"roles":["Admin","Operator"]}'
  const none = '{"people":0,"roles":["Admin"]}'
  /** The last four nobody could meet of the people that there are, whoever asks: emergency access switched off. */
  const refused = `
    {}
    ${none}
    {"people":1,"roles":["Admin"]}
    {"people":-1,"roles":["Admin"]}
    {"people":2,"roles":[]}
    {"people":2,"roles":["Viewer"]}
    {"people":2,"roles":["Auditor"]}
    {"people":7,"roles":["Admin"]}
    {"anyOf":[]}
    {"anyOf":[${ok},${none}]}
    {"anyOf":[${ok},{"anyOf":[]}]}
    {"anyOf":[${ok},{"allOf":[]}]}
    {"anyOf":[${ok},{"people":1,"roles":["Admin"]}]}
    {"anyOf":[${ok},{"people":2,"roles":["Viewer"]}]}
    {"allOf":[]}
    {"allOf":[${ok},${none}]}
    {"allOf":[${ok},{"anyOf":[]}]}
    {"allOf":[${ok}],"anyOf":[]}
    {"people":2,"roles":["Admin"],"anyOf":[${ok}]}
    {"inSequence":[]}
    {"inSequence":[${ok},${none}]}
    {"people":3,"roles":["Admin"]}
    {"people":2,"roles":["Developer"]}
    {"people":6,"roles":["Admin","Operator"]}
    {"anyOf":[{"people":3,"roles":["Admin"]},{"people":4,"roles":["Operator"]}]}`.trim()

  test('approvals of 0: no rule of nobody, of one or of people who are not there, however it is wrapped', async () => {
    for (const [at, text] of refused.split('\n').entries()) {
      const input = { rule: JSON.parse(text) as unknown, reason: 'a test' }
      const said = await door(at).over('breakGlass.ruleSet', input, { as: 'ada-admin' })
      expect([text, codeOf(said)]).toEqual([text, 'invalid-input'])
    }
    // nor does a row that somebody put there past us let anybody through
    const request = await approved()
    await run(`insert into break_glass_rule (id, rule, totp_admitted, updated_at, updated_by)
      select 1, '{"people":0,"roles":["Admin"]}', true, now(), id from users where username = 'ada-admin'`)
    for (const at of doors.keys()) expect(await activate(request, at)).toBeNull()
    await run('delete from break_glass_rule')
    expect(await sessionsOf(request)).toBe(0)
  })

  test('sessions that live on: with its end its token, its credentials and its streams are over', async () => {
    const activated = await activate(await approved({ actions: ['lease.list', 'lease.watch'] }), 3)
    const { session, token } = activated ?? { session: '', token: '' }
    const [lease] = await run(
      `insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name,
        session_id, state, issued_at, expires_at, due_at) select gen_random_uuid(), 'ssh-certificate', 'root',
        'default', 'a test', 'User', id::text, username, $1, 'active', now(), now() + interval '1 hour',
        now() + interval '1 hour' from users where username = 'ada-admin' returning id`,
      [session],
    )
    const opened = await chain.gateway.app.request(
      'http://localhost/trpc/lease.watch?input=%7B%7D',
      { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } },
      { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } } },
    )
    expect(opened.status).toBe(200)
    const streamed = opened.text() // resolves when the stream is over
    await first('emergencySession.revoke', { id: session, reason: 'a test' }, { as: 'anton-admin' })
    expect(await codes('lease.list', {}, bearing(token))).toEqual(everywhere('unauthenticated'))
    expect(await run('select state from lease where id = $1', [lease?.['id']])).toEqual([{ state: 'revoked' }])
    expect(await streamed).toContain('unauthenticated')
  })
})
