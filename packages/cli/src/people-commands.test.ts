import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { run, type RunOptions } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
const serve = async (answers: Readonly<Record<string, Answer>>): Promise<WireServer> => {
  const server = await startWireServer(({ name }) => answers[name] ?? { refusal: { code: 'not-found' }, status: 404 })
  servers.push(server)
  return server
}
const asking = async (
  words: readonly string[],
  answers: Readonly<Record<string, Answer>>,
  options: RunOptions = {},
) => {
  const server = await serve(answers)
  return {
    ...(await run(words, { ...options, env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' } })),
    calls: server.calls,
  }
}
const soon = new Date(Date.now() + 86_400_000).toISOString()
const user = {
  id: 'u7',
  username: 'ada',
  displayName: 'ada',
  email: null,
  status: 'active',
  roles: ['Operator'],
  teams: [],
  locked: false,
  hasAuthenticator: false,
  invitation: null,
  invitationExpiresAt: null,
  createdAt: soon,
  lastLoginAt: null,
}

describe('what is shown once', () => {
  const token = {
    id: 't1',
    name: 'ci',
    ownerType: 'User',
    owner: 'u1',
    ownerName: 'ada',
    purpose: 'ci',
    hint: 'gh_ab',
    scopes: ['read'],
    sourceAddresses: [],
    bound: false,
    state: 'active',
    createdAt: soon,
    expiresAt: soon,
    lastUsedAt: null,
    lastUsedAddress: null,
    endedAt: null,
    reason: null,
    token: 'gh_secret',
  }

  test('an API token is all there is with --quiet, and talk never goes to standard output', async () => {
    const words = ['api-token', 'create', 'ci', '--scopes', 'read', '--purpose', 'ci', '--ttl', '30d']
    const quiet = await asking([...words, '--quiet'], { 'apiToken.create': { output: token } })
    expect([quiet.code, quiet.out, quiet.talk]).toEqual([0, 'gh_secret\n', ''])
    expect(quiet.calls[0]?.input).toEqual({ name: 'ci', scopes: ['read'], purpose: 'ci', ttlSeconds: 30 * 86_400 })
    const loud = await asking(words, { 'apiToken.create': { output: token } })
    expect([loud.out.match(/gh_secret/g)?.length, loud.talk]).toEqual([1, 'this secret is shown once; keep it now\n'])
  })

  test("an invitation's link is shown where it could not be sent, and is all there is with --quiet", async () => {
    const words = ['user', 'invite', 'ada', '--role', 'Operator']
    const shown = {
      output: { ...user, invitationUrl: 'https://gate.example.org/invite#abc', sentTo: null, expiresAt: soon },
    }
    expect((await asking([...words, '--quiet'], { 'user.invite': shown })).out).toBe(
      'https://gate.example.org/invite#abc\n',
    )
    expect(JSON.parse((await asking([...words, '--json'], { 'user.invite': shown })).out)).toMatchObject({
      invitationUrl: 'https://gate.example.org/invite#abc',
    })
    const sent = { output: { ...user, invitationUrl: null, sentTo: 'ada@example.org', expiresAt: soon } }
    const { out, talk } = await asking(words, { 'user.invite': sent })
    expect([out.includes('ada@example.org'), talk]).toEqual([true, ''])
  })
})

describe('an invitation', () => {
  const accepted = {
    'auth.acceptInvite': { output: { tokens: { accessToken: 'a', refreshToken: 'r', accessExpiresAt: soon } } },
    'auth.whoami': {
      output: {
        ...user,
        assurance: 'pw',
        assuranceAt: null,
        sessionId: 's',
        missing: ['authenticator'],
        sessionExpiresAt: soon,
      },
    },
  }

  test.each([
    ['abc-def'],
    ['https://gate.example.org/invite#abc-def'],
    ['https://gate.example.org/invite#token=abc-def'],
    ['https://gate.example.org/invite/abc-def'],
  ])('is accepted from standard input as %s', async (typed) => {
    const { code, talk, calls } = await asking(['auth', 'accept-invite', '--invitation-stdin'], accepted, {
      stdin: `${typed}\nfour brown otters play\n`,
    })
    expect([code, calls[0]?.input]).toEqual([0, { invitation: 'abc-def', newPassword: 'four brown otters play' }])
    expect(talk).toContain('gatehouse totp enroll phone')
  })

  test('asks for link and password, the password twice', async () => {
    expect(
      (
        await asking(['auth', 'accept-invite'], accepted, {
          typed: ['abc-def', 'four brown otters play', 'four brown otters play'],
        })
      ).code,
    ).toBe(0)
    const slip = await asking(['auth', 'accept-invite'], accepted, {
      typed: ['abc-def', 'four brown otters play', 'for brown otters play'],
    })
    expect([slip.code, slip.calls]).toEqual([2, []])
  })

  test('that is no longer good is exit 4 and says who can help', async () => {
    const { code, talk } = await asking(
      ['auth', 'accept-invite', '--invitation-stdin'],
      { 'auth.acceptInvite': { refusal: { code: 'invalid-credentials' }, status: 401 } },
      { stdin: 'abc\nfour brown otters play\n' },
    )
    expect([code, talk.includes('gatehouse user invite')]).toEqual([4, true])
  })
})

describe("a second person's yes", () => {
  const pending = {
    'mfa.reset': {
      refusal: { code: 'approval-pending', approvalId: 'ap1', hint: 'another Admin approves it' },
      status: 409,
    },
  } as const

  test("that is awaited is exit 7, with the approval's id and what the second one types", async () => {
    const { code, talk } = await asking(['mfa', 'reset', 'ada', '--reason', 'lost phone'], pending)
    expect([code, talk]).toEqual([
      7,
      'gatehouse: a second person has to approve this: approval ap1 · ' +
        'they run: gatehouse approval approve ap1 · then repeat this very command\n',
    ])
    expect(
      JSON.parse((await asking(['mfa', 'reset', 'ada', '--reason', 'lost phone', '--json'], pending)).talk),
    ).toMatchObject({ error: { code: 'approval-pending', approvalId: 'ap1' } })
  })
})

describe('what is wrong', () => {
  test('is said once: what is missing in one line, and what would be gone by its name', async () => {
    const missing = await asking(['user', 'delete'], {})
    expect([missing.code, missing.talk]).toEqual([2, 'gatehouse: --id, --reason are missing\n'])
    const unasked = await asking(['user', 'delete', 'ada', '--reason', 'left'], {})
    expect([unasked.code, unasked.talk]).toEqual([
      2,
      expect.stringContaining('your consent: delete ada: Delete a person'),
    ])
    expect([missing.calls, unasked.calls]).toEqual([[], []])
  })
})

describe('lists within lists', () => {
  const limits = {
    role: 'Admin',
    sessionAbsoluteSeconds: 3600,
    sessionIdleSeconds: 600,
    accessTokenTtlSeconds: 300,
    refreshTokenTtlSeconds: 3600,
  }
  const settings = {
    'settings.update': {
      output: {
        requiredRoles: ['Admin'],
        roleLimits: [limits],
        authenticatorRules: [],
        authFailuresAlert: 5,
        updatedAt: soon,
        updatedBy: 'ada',
      },
    },
  } as const

  test('are typed as JSON, again for each, or stand in a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-limits-')), 'limits.json')
    writeFileSync(file, JSON.stringify([limits, { ...limits, role: 'Viewer' }]))
    const { calls } = await asking(
      [
        'settings',
        'update',
        '--role-limits',
        JSON.stringify(limits),
        '--role-limits',
        JSON.stringify({ ...limits, role: 'Viewer' }),
      ],
      settings,
    )
    expect(calls[0]?.input).toEqual({ roleLimits: [limits, { ...limits, role: 'Viewer' }] })
    expect(
      (
        await asking(
          ['settings', 'update', '--role-limits', `@${file}`, '--required-roles', 'Admin,Operator'],
          settings,
        )
      ).calls[0]?.input,
    ).toEqual({ roleLimits: [limits, { ...limits, role: 'Viewer' }], requiredRoles: ['Admin', 'Operator'] })
  })

  test.each([
    ['{"role"', 'is no JSON'],
    ['@/nonexistent/limits.json', 'cannot read'],
    ['{"role":"Boss"}', 'role-limits.0.role: '],
    ['{"role":"Viewer","sessionIdleSeconds":"x"}', 'role-limits.0.sessionIdleSeconds: '],
  ])('%s is exit 2 and sends nothing', async (typed, said) => {
    const { code, talk, calls } = await asking(['settings', 'update', '--role-limits', typed], settings)
    expect([code, talk.includes(said), calls]).toEqual([2, true, []])
  })
})

describe('an authenticator app', () => {
  const enrolment = {
    output: {
      id: 'e1',
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      otpauthUri: 'otpauth://totp/Gatehouse:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    },
  }

  test('is enrolled with the algorithm and the digits that it knows', async () => {
    const { calls } = await asking(
      ['mfa', 'totp', 'enroll', 'phone', '--algorithm', 'SHA256', '--digits', '8', '--json'],
      { 'totp.enroll': enrolment },
    )
    expect(calls[0]?.input).toEqual({ name: 'phone', algorithm: 'SHA256', digits: 8 })
    expect(
      (await asking(['auth', 'mfa', 'enroll', 'totp', 'phone', '--json'], { 'totp.enroll': enrolment })).calls[0]
        ?.input,
    ).toEqual({ name: 'phone' })
    expect((await asking(['totp', 'enroll', '--digits', '7'], {})).code).toBe(2)
  })

  test('is shown a code to scan on standard error, and a key to type on standard output', async () => {
    const { out, talk } = await asking(['totp', 'enroll', 'phone'], { 'totp.enroll': enrolment })
    expect(out).toBe('id   e1\nkey  JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP\n')
    expect(talk).toMatch(/[█▀▄]{10}/)
  })

  test('that is a key is registered in the browser, at a page that is named', async () => {
    const { code, out, calls } = await asking(['mfa', 'webauthn', 'enroll'], {})
    expect([code, out, calls]).toEqual([
      0,
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/me\/authenticators\n$/),
      [],
    ])
    expect((await asking(['auth', 'mfa', 'enroll', 'webauthn'], {})).out).toMatch(/\/me\/authenticators\n$/)
  })
})
