import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  graphqlFieldOf,
  operations,
  publicOperationNames,
  type OperationName,
  type ResourceType,
} from '@gatehouse/contract'
import { startGatewayHome, withConnection, type GatewayHome } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, logIn, outside, principalOf, type Answer, type Outside } from './support/outside.ts'
import { inputFor, type Things } from './support/right-inputs.ts'

// The refusals that every operation has in common, for every operation, against a running system. What each allows and
// refuses beside them
// stands in the tests of its own package and in policies/tests.

/** In seconds; long enough for all that is done with a fresh factor. */
const stepUpMaxAge = 3600

const declared = (name: OperationName) => operations[name]
const callable = publicOperationNames.filter((name) => declared(name).kind !== 'subscription')
const isOpen = (name: OperationName): boolean => declared(name).authorize.principals.includes('Anonymous')

describe('the refusals that all operations have in common', () => {
  let home: GatewayHome
  let base: string
  let admin: Outside
  let viewer: Outside
  let things: Things
  const settings = join(mkdtempSync(join(tmpdir(), 'gatehouse-settings-')), 'security.toml')

  beforeAll(async () => {
    writeFileSync(settings, `[mfa]\nstep_up_max_age = "${stepUpMaxAge}s"\nrequired_roles = []\n`)
    home = await startGatewayHome({ env: { GATEHOUSE_CONFIG: settings } })
    base = baseOf(home.dev())
    viewer = await logIn(base, principalOf(home.dev(), 'Viewer'))
    admin = await logIn(base, principalOf(home.dev(), 'Admin'))
    const made = await makeThings(admin, await logIn(base, principalOf(home.dev(), 'Admin', 1)))
    things = { ...made, EmergencySession: await sessionOf(home, String(made.BreakGlassRequest)) }
  })
  afterAll(async () => {
    await home.remove()
    rmSync(settings, { force: true })
  })

  const call = (as: Outside, name: OperationName, input: unknown): Promise<Answer> =>
    declared(name).kind === 'query' ? as.query(name, input) : as.mutate(name, input)

  test.each(callable.filter((name) => !isOpen(name)))(
    '%s: unauthenticated for a stranger, on both transports',
    async (name) => {
      const answer = await call(outside(base), name, inputFor(name, things))
      expect([answer.status, answer.code]).toEqual([401, 'unauthenticated'])
      const graphql = await outside(base).graphql(`${declared(name).kind} { ${graphqlFieldOf(name)} { __typename } }`)
      expect(graphql.code).toBe('unauthenticated')
    },
  )

  test.each(callable)('%s: invalid-input that names a field which does not exist', async (name) => {
    const answer = await call(admin, name, { ...inputFor(name, things), colour: 'red' })
    expect([answer.status, answer.code]).toEqual([400, 'invalid-input'])
    expect(answer.refusal?.['fields']).toContainEqual({ path: 'colour', message: 'there is no such field' })
  })

  const needsFactor = callable.filter(
    (name) => ['mfa', 'su'].includes(declared(name).assurance) && standsOnMadeThing(name),
  )
  test('whoever has proved a password only is asked for a second factor', async () => {
    const weak = await passwordOnlyAdmin(admin, home, base)
    for (const name of needsFactor) {
      // what is another's by every policy is so whatever they prove
      const code = ofRequester.includes(name) ? 'forbidden' : 'mfa-required'
      expect([name, (await call(weak, name, inputFor(name, things))).code]).toEqual([name, code])
    }
  })

  test('a key decrypts over one transport what it has encrypted over the other, each with its context', async () => {
    const key = String(things.KmsKey)
    const item = (text: string) => ({ plaintext: Buffer.from(text).toString('base64'), context: { app: 'shop' } })
    const sealed = await admin.graphql(
      'mutation ($input: KmsEncryptInput!) { kmsEncrypt(input: $input) { items { ciphertext } } }',
      { input: { key, items: [item('one'), item('two')] } },
    )
    const { kmsEncrypt } = sealed.data as { kmsEncrypt?: { items: { ciphertext: string }[] } } // the interface
    const ciphertexts = (kmsEncrypt?.items ?? []).map(({ ciphertext }) => ciphertext)
    const [first = '', second = ''] = ciphertexts
    const opened = await admin.mutate('kms.decrypt', {
      items: [{ ciphertext: first, context: { app: 'shop' } }, { ciphertext: second }],
    })
    expect(opened.data).toEqual({
      keyId: key,
      items: [
        { problem: null, plaintext: Buffer.from('one').toString('base64') },
        { problem: 'not-ours', plaintext: null },
      ],
      plaintext: null,
    })
    const query = 'mutation ($input: KmsDecryptInput!) { kmsDecrypt(input: $input) { items { plaintext } } }'
    const again = await admin.graphql(query, { input: { items: [{ ciphertext: second, context: { app: 'shop' } }] } })
    expect(again.data).toEqual({ kmsDecrypt: { items: [{ plaintext: Buffer.from('two').toString('base64') }] } })
  })

  test('a factor proved too long ago is not enough where it must be fresh; the answer says how fresh', async () => {
    await withConnection(home.dev().database.adminUrl, (client) =>
      client.query(`update session set proved_at = proved_at - interval '${stepUpMaxAge + 1} s'`),
    )
    const wantFresh = needsFactor.filter((name) => declared(name).assurance === 'su')
    expect(wantFresh.length).toBeGreaterThan(20)
    for (const name of wantFresh.filter((one) => !ofOthers.includes(one))) {
      const answer = await call(admin, name, inputFor(name, things))
      expect([name, answer.status, answer.code]).toEqual([name, 401, 'step-up-required'])
      expect(answer.refusal).toMatchObject({ assurance: 'su', maxAgeSeconds: stepUpMaxAge })
      expect(answer.headers.get('www-authenticate')).toContain('insufficient_user_authentication')
    }
    // the request for emergency access is their own: a fresher factor would not let them vote on it
    for (const name of ofOthers)
      expect([name, (await call(admin, name, inputFor(name, things))).code]).toEqual([name, 'forbidden'])
  })

  test('a Viewer changes nothing but his own account, and is told by which policy', async () => {
    const writes = callable.filter(
      (name) =>
        declared(name).groups.includes('writeActions') &&
        !declared(name).groups.includes('selfActions') &&
        standsOnMadeThing(name),
    )
    expect(writes.length).toBeGreaterThan(25)
    for (const name of writes) {
      const answer = await call(viewer, name, inputFor(name, things))
      // what he may not even see does not exist for him
      expect([name, answer.code]).toEqual([name, expect.stringMatching(/^(forbidden|not-found)$/)])
      if (answer.code === 'forbidden')
        expect([name, answer.refusal?.['policies']]).toEqual([name, expect.arrayContaining(['viewer-read-only'])])
    }
  })
})

/**
 * What the operations of people, programs and approvals can be called on; sshHost and what hangs on it has tests with
 * real hosts.
 */
const madeTypes: readonly ResourceType[] = [
  'System',
  'User',
  'Team',
  'Workspace',
  'ServiceAccount',
  'ApiToken',
  'Approval',
  'KmsKey',
  'BreakGlassRequest',
  'EmergencySession',
]
/** Only who asked does these, and here an Admin has asked; and only others do those. */
const ofRequester: readonly OperationName[] = [
  'approval.cancel',
  'breakGlass.update',
  'breakGlass.cancel',
  'breakGlass.activate',
  'breakGlass.drillFinish',
]
const ofOthers: readonly OperationName[] = ['breakGlass.approveOptions', 'breakGlass.approve', 'breakGlass.deny']
const standsOnMadeThing = (name: OperationName): boolean =>
  !isOpen(name) && madeTypes.includes(declared(name).authorize.resource)

/** The approval is another's: nobody says yes to what he asked for himself. */
async function makeThings(admin: Outside, other: Outside): Promise<Things> {
  const idOf = (answer: Answer): string => {
    if (typeof answer.data['id'] !== 'string') throw new TypeError(`nothing was made: ${JSON.stringify(answer.body)}`)
    return answer.data['id']
  }
  const account = idOf(await admin.mutate('serviceAccount.create', { name: 'probe' }))
  const token = idOf(await admin.mutate('apiToken.create', { name: 'probe', purpose: 'a test', scopes: ['read'] }))
  const approval = idOf(
    await other.mutate('approval.request', { action: 'mfa.reset', resource: 'vera-viewer', reason: 'a test' }),
  )
  const key = idOf(await admin.mutate('kmsKey.create', { name: 'probe' }))
  const request = idOf(
    await admin.mutate('breakGlass.request', {
      incident: 'INC-7',
      severity: 'low',
      justification: 'a test of what all operations refuse',
      workspace: 'default',
      actions: ['sshHost.list'],
    }),
  )
  return {
    User: 'oscar-operator',
    Team: 'sre',
    Workspace: 'default',
    ServiceAccount: account,
    ApiToken: token,
    Approval: approval,
    KmsKey: key,
    BreakGlassRequest: request,
  }
}

/** An emergency session of a request, over and not reviewed. */
const sessionOf = (home: GatewayHome, request: string): Promise<string> =>
  withConnection(home.dev().database.adminUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into emergency_session (id, request_id, user_id, workspace_id, actions, duration_seconds, approver_ids,
        quorum, token_id, passed_ms, idle_ms, seen_at, boot_id, steady_ms, activated_at, expires_at, ended_by, ended_at)
        select gen_random_uuid(), id, requester_id, workspace_id, actions, 3600,
          array[gen_random_uuid(), gen_random_uuid()], '{}', gen_random_uuid(), 0, 0, now(), 'x', 0, now(), now(),
          'expired', now()
        from break_glass_request where id = $1 returning id`,
      [request],
    )
    return String(rows[0]?.id)
  })

/** An Admin without an authenticator, in a system that does not demand one. */
async function passwordOnlyAdmin(admin: Outside, home: GatewayHome, base: string): Promise<Outside> {
  const { totpSecret } = principalOf(home.dev(), 'Admin')
  const fresh = await admin.mutate('auth.stepUpComplete', { totp: await freshTotp(totpSecret) })
  expect(fresh.code).toBeNull()
  const created = await admin.mutate('user.create', { username: 'weak-admin', role: 'Admin' })
  const oneTime = String(created.data['oneTimePassword'])
  const anonymous = outside(base)
  const tokensOf = (answer: Answer): string => {
    const { tokens } = answer.data as { tokens?: { accessToken?: string } } // the interface under test
    if (tokens?.accessToken === undefined) throw new TypeError(`no tokens: ${JSON.stringify(answer.body)}`)
    return tokens.accessToken
  }
  const first = tokensOf(await anonymous.mutate('auth.login', { username: 'weak-admin', password: oneTime }))
  return outside(
    base,
    tokensOf(
      await outside(base, first).mutate('password.change', {
        currentPassword: oneTime,
        newPassword: 'a rather long sentence of no fame',
      }),
    ),
  )
}
