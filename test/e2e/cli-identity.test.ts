import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGatewayHome, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, logIn, principalOf, type Outside, type SeedPrincipal } from './support/outside.ts'
import type { Ran } from './support/command-line.ts'
import { runGatehouse, transcript } from './support/transcript.ts'

let home: GatewayHome
let dev: GatewayFacts
let base: string
let directory: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-transcript-'))
  home = await startGatewayHome()
  dev = home.dev()
  base = baseOf(dev)
})
afterAll(async () => {
  await home?.remove()
  rmSync(directory, { recursive: true, force: true })
})

const page = (title: string) => transcript({ directory, env: home.env, base }, title)
const pageFile = (name: string): string => resolve('docs', 'transcripts', `${name}.md`)
const quietly = (who: string, words: readonly string[], stdin?: string): Promise<Ran> =>
  runGatehouse({ directory, env: home.env, base }, { who, words, ...(stdin === undefined ? {} : { stdin }) })
const json = (ran: Ran): Record<string, unknown> => {
  expect(ran.code, ran.err).toBe(0)
  return JSON.parse(ran.out) as Record<string, unknown> // the tests assert its fields
}
/** Logs in as one of the seeded people, at a machine of his own. */
const logInAs = async (principal: SeedPrincipal): Promise<string> => {
  const ran = await quietly(
    principal.username,
    ['auth', 'login', principal.username, '--password-stdin', '--totp', await freshTotp(principal.totpSecret)],
    `${principal.password}\n`,
  )
  expect(ran.code, ran.err).toBe(0)
  return principal.username
}

/** What a person does in the browser: looks at what is asked, then decides. */
const decide = async (browser: Outside, userCode: string, decision: 'approve' | 'deny'): Promise<void> => {
  for (const step of ['look', decision])
    expect((await browser.mutate('auth.deviceApprove', { userCode, decision: step })).code).toBeNull()
}

const deviceWords = ['auth', 'login', '--device', '--no-browser']

/** Starts what a browser is to finish, and lets it be decided there. */
const decidedInBrowser = async (
  who: string,
  browser: Outside,
  { words = deviceWords, decision = 'approve' }: { words?: readonly string[]; decision?: 'approve' | 'deny' } = {},
): Promise<Ran> => {
  const running = quietly(who, words)
  const waiting = async (): Promise<string> => {
    for (;;) {
      // the code that is shown is the newest one that waits
      const row = await newestCode()
      if (row !== null) return row
      await sleep(100)
    }
  }
  await decide(browser, await waiting(), decision)
  return running
}
const newestCode = async (): Promise<string | null> => {
  const { Client } = await import('pg')
  const client = new Client({ connectionString: dev.database.adminUrl })
  await client.connect()
  const { rows } = await client.query<{ user_code: string }>(
    "select user_code from device_grant where state = 'waiting' order by requested_at desc limit 1",
  )
  await client.end()
  return rows[0]?.user_code ?? null
}

describe('transcripts are what the commands say', () => {
  test('log-in: by password and code, by the browser, and out again', async () => {
    const t = page('Log in')
    const operator = principalOf(dev, 'Operator')
    const who = operator.username
    t.say('By password and code. On a terminal both are asked for; here they come from a script.')
    expect(
      (
        await t.run({
          who,
          words: ['auth', 'login', who, '--password-stdin', '--totp', await freshTotp(operator.totpSecret)],
          stdin: `${operator.password}\n`,
          typed: 'password.txt',
        })
      ).code,
    ).toBe(0)
    await t.run({ who, words: [] })
    await t.run({ who, words: ['auth', 'status'] })
    t.say(
      'By the browser, which is what `gatehouse auth login` does on a terminal: with every kind of second ' +
        'factor, keys and passkeys too. The page shows who asks and from where; it is approved there.',
    )
    const browser = await logIn(base, operator)
    const approved = await decidedInBrowser(`${who}-laptop`, browser)
    t.add({ who: `${who}-laptop`, words: deviceWords }, approved)
    expect(approved.code).toBe(0)
    expect(json(await quietly(`${who}-laptop`, ['auth', 'whoami', '--json']))).toMatchObject({
      username: who,
      assurance: 'mfa',
    })
    t.say(
      'Who is let in by the browser has two factors, and none that is fresh. What needs a fresh one asks for a ' +
        'code, or, where somebody has keys only, for the browser once more: there the key is touched, and the ' +
        'session here becomes fresh.',
    )
    const stepUp = ['auth', 'step-up', '--in-browser', '--no-browser']
    const proved = await decidedInBrowser(`${who}-laptop`, browser, { words: stepUp })
    // what is said while it waits comes first
    t.add({ who: `${who}-laptop`, words: stepUp }, { code: proved.code, out: `${proved.err}${proved.out}`, err: '' })
    expect(proved.code).toBe(0)
    expect(json(await quietly(`${who}-laptop`, ['auth', 'whoami', '--json']))).toMatchObject({
      username: who,
      assurance: 'su',
    })
    t.say('Sessions, and the end of one.')
    const sessions = json(await quietly(who, ['session', 'list', '--json']))['items'] as {
      id: string
      methods: string[]
      device: string
      current: boolean
    }[] // a list, by interfaces.md
    const laptop = json(await quietly(`${who}-laptop`, ['auth', 'whoami', '--json']))['sessionId']
    expect(sessions.map(({ id }) => id)).toContain(laptop)
    expect((await t.run({ who, words: ['auth', 'revoke', String(laptop), '--reason', 'lost laptop'] })).code).toBe(0)
    expect((await t.run({ who: `${who}-laptop`, words: ['auth', 'whoami'] })).code).toBe(4)
    await t.run({ who, words: ['auth', 'logout'] })
    expect((await t.run({ who, words: ['auth', 'status'] })).code).toBe(4)
    await expect(t.text()).toMatchFileSnapshot(pageFile('log-in'))
  })

  test('a log-in that is denied in the browser is exit 4', async () => {
    const operator = principalOf(dev, 'Operator', 1)
    const denied = await decidedInBrowser('denied', await logIn(base, operator), { decision: 'deny' })
    expect([denied.code, denied.err.includes('was denied in the browser')]).toEqual([4, true])
  })

  test('first steps: password, authenticator app, backup codes, and a way back in', async () => {
    const t = page('First steps')
    const { username, oneTimePassword } = dev.admin
    const password = 'four brown otters play'
    t.say('The administrator of a new Gatehouse has a one-time password.')
    await t.run({
      who: 'admin',
      words: ['auth', 'login', username, '--password-stdin'],
      stdin: `${String(oneTimePassword)}\n`,
      typed: 'one-time-password.txt',
    })
    expect((await t.run({ who: 'admin', words: ['user', 'list'] })).code).toBe(4)
    await t.run({
      who: 'admin',
      words: ['password', 'change', '--password-stdin'],
      stdin: `${String(oneTimePassword)}\n${password}\n`,
      typed: 'old-and-new.txt',
    })
    t.say('The code to scan is drawn here, too; on a terminal the first code is asked for at once.')
    const drawn = await t.run({ who: 'admin', words: ['mfa', 'totp', 'enroll', 'phone'] })
    const [, id = '', key = ''] = /^id +(\S+)\nkey +(.+)$/m.exec(drawn.out) ?? []
    expect(
      (
        await t.run({
          who: 'admin',
          words: ['mfa', 'totp', 'confirm', id, '--totp', await freshTotp(key.replaceAll(' ', ''))],
        })
      ).code,
    ).toBe(0)
    t.say('Ten backup codes, shown once, good as soon as one of them has been typed back.')
    const made = await t.run({ who: 'admin', words: ['mfa', 'regenerate-codes'] })
    const [, set = ''] = /^id +(\S+)$/m.exec(made.out) ?? []
    const codes = made.out.match(/\b([a-z2-9]{4}-){3}[a-z2-9]{4}\b/g) ?? []
    expect([codes.length, made.err]).toEqual([10, 'this secret is shown once; keep it now\n'])
    await t.run({
      who: 'admin',
      words: ['backup-code', 'confirm', set, '--code-stdin'],
      stdin: `${String(codes[0])}\n`,
      typed: 'code.txt',
    })
    t.say('A backup code in place of the phone.')
    expect(
      (
        await t.run({
          who: 'admin-elsewhere',
          words: ['auth', 'login', username, '--password-stdin', '--backup-code'],
          stdin: `${password}\n${String(codes[1])}\n`,
          typed: 'password-and-code.txt',
        })
      ).code,
    ).toBe(0)
    await t.run({ who: 'admin-elsewhere', words: ['mfa', 'backup-codes'] })
    await t.run({ who: 'admin', words: ['mfa', 'list-devices'] })
    await expect(t.text()).toMatchFileSnapshot(pageFile('first-steps'))
  })

  test('people: invited, imported, disabled', async () => {
    const t = page('People')
    const who = await logInAs(principalOf(dev, 'Admin'))
    const invited = await t.run({
      who,
      words: ['user', 'invite', 'grace', '--role', 'Operator', '--teams', 'sre', '--quiet'],
    })
    expect(invited.code).toBe(0)
    t.say('The link is shown once, where no mail is set up.')
    expect(
      (
        await t.run({
          who: 'grace',
          words: ['auth', 'accept-invite', '--invitation-stdin'],
          stdin: `${invited.out.trim()}\nseven quiet herons wade\n`,
          typed: 'link-and-password.txt',
        })
      ).code,
    ).toBe(0)
    expect(
      (
        await t.run({
          who: 'grace-again',
          words: ['auth', 'accept-invite', '--invitation-stdin'],
          stdin: `${invited.out.trim()}\nseven quiet herons wade\n`,
          typed: 'link-and-password.txt',
        })
      ).code,
    ).toBe(4)
    t.say('Import is all or none, and says what is wrong by its line.')
    const [wrong, right] = [join(directory, 'wrong.csv'), join(directory, 'people.csv')]
    // well formed; nobody logs in by it here
    const hash = '$2b$10$Zq3nYj9U1wqYxgQm0oXhUOeAFlNwFhQwV1m0w8m6T1cJ4mXyqgN7e'
    writeFileSync(wrong, `username,role,passwordHash\nlinus,Operator,${hash}\nmargaret,Boss,${hash}\n`)
    writeFileSync(
      right,
      `username,role,teams,passwordHash\nlinus,Operator,sre;developers,${hash}\nmargaret,Viewer,,${hash}\n`,
    )
    expect((await t.run({ who, words: ['user', 'import', wrong] })).code).toBe(2)
    expect((await t.run({ who, words: ['user', 'import', right] })).code).toBe(0)
    expect((await t.run({ who, words: ['user', 'import', right] })).code).not.toBe(0)
    t.say("Disabling access ends a person's sessions and credentials at once, on every node.")
    expect((await t.run({ who: 'grace', words: ['auth', 'whoami', '--quiet'] })).code).toBe(0)
    await t.run({ who, words: ['user', 'disable', 'grace', '--reason', 'left the company', '--quiet'] })
    expect((await t.run({ who: 'grace', words: ['auth', 'whoami'] })).code).toBe(4)
    await expect(t.text()).toMatchFileSnapshot(pageFile('people'))
  })

  test('tokens of scripts and programs', async () => {
    const t = page('Tokens of scripts and programs')
    const who = await logInAs(principalOf(dev, 'Admin', 1))
    const made = await t.run({
      who,
      words: [
        'api-token',
        'create',
        'nightly-report',
        '--scopes',
        'read',
        '--ttl',
        '30d',
        '--purpose',
        'nightly report',
        '--quiet',
      ],
    })
    t.say(
      'On the machine that runs the script: kept, or given by `GATEHOUSE_TOKEN`. It reads; it never counts as ' +
        'two factors.',
    )
    expect(
      (await t.run({ who: 'ci', words: ['auth', 'login', '--with-token'], stdin: made.out, typed: 'token.txt' })).code,
    ).toBe(0)
    await t.run({ who: 'ci', words: ['team', 'list', '--quiet'] })
    expect((await t.run({ who: 'ci', words: ['team', 'create', 'mine'] })).code).not.toBe(0)
    const listed = json(await quietly(who, ['api-token', 'list', '--json']))['items'] as { id: string }[] // as above
    expect(
      (await t.run({ who, words: ['api-token', 'revoke', String(listed[0]?.id), '--reason', 'leaked', '--quiet'] }))
        .code,
    ).toBe(0)
    expect((await t.run({ who: 'ci', words: ['team', 'list'] })).code).toBe(4)
    t.say('A program has an account of its own; its token is bound to an address.')
    expect(
      (
        await t.run({
          who,
          words: [
            'service-account',
            'create',
            'ci-deploy',
            '--teams',
            'developers',
            '--description',
            'deploys from CI',
          ],
        })
      ).code,
    ).toBe(0)
    const token = await t.run({
      who,
      words: [
        'api-token',
        'create',
        'ci',
        '--service-account',
        'ci-deploy',
        '--scopes',
        'lease.*',
        '--source-addresses',
        '127.0.0.1',
        '--purpose',
        'deploys',
        '--quiet',
      ],
    })
    expect(
      (await t.run({ who: 'program', words: ['lease', 'list'], env: { GATEHOUSE_TOKEN: token.out.trim() } })).code,
    ).toBe(0)
    await t.run({ who, words: ['api-token', 'list', '--service-account', 'ci-deploy'] })
    expect(
      (await t.run({ who, words: ['service-account', 'disable', 'ci-deploy', '--reason', 'leaked', '--quiet'] })).code,
    ).toBe(0)
    expect(
      (await t.run({ who: 'program', words: ['lease', 'list'], env: { GATEHOUSE_TOKEN: token.out.trim() } })).code,
    ).toBe(4)
    await expect(t.text()).toMatchFileSnapshot(pageFile('tokens'))
  })

  test('locks: what is denied at once, told to who is locked, and over again', async () => {
    const t = page('Locks')
    const who = await logInAs(principalOf(dev, 'Admin', 1))
    const locked = await logInAs(principalOf(dev, 'Viewer'))
    const reason = ['--reason', 'the laptop was stolen']
    const made = await t.run({ who, words: ['lock', 'create', '--principal', locked, '--ttl', '30d', ...reason] })
    expect(made.code, made.err).toBe(0)
    t.say('What they have is not ended, and good for nothing now.')
    expect((await t.run({ who: locked, words: ['lease', 'list'] })).code).toBe(4)
    await t.run({ who, words: ['lock', 'list'] })
    t.say('What is not there is not locked: a misspelt name would deny nothing.')
    expect((await t.run({ who, words: ['lock', 'create', '--role', 'developer', ...reason] })).code).toBe(2)
    const items = json(await quietly(who, ['lock', 'list', '--json']))['items'] as { id: string }[] // as above
    const id = String(items[0]?.id)
    const words = ['lock', 'remove', id, '--yes', '--reason', 'a new laptop is enrolled', '--quiet']
    expect((await t.run({ who, words })).code).toBe(0)
    expect((await t.run({ who: locked, words: ['lease', 'list'] })).code).toBe(0)
    // the session is nobody's afterwards: a page below counts those of this person
    expect((await quietly(locked, ['auth', 'logout'])).code).toBe(0)
    await expect(t.text()).toMatchFileSnapshot(pageFile('locks'))
  })

  test('a reset by two administrators', async () => {
    const t = page('A reset by two administrators')
    const [first, second] = [principalOf(dev, 'Admin').username, principalOf(dev, 'Admin', 1).username]
    const viewer = principalOf(dev, 'Viewer').username
    const words = ['mfa', 'reset', viewer, '--reason', 'lost phone and codes']
    const asked = await t.run({ who: first, words })
    expect(asked.code).toBe(7)
    const [, approval = ''] = /approval approve (\S+)/.exec(asked.err) ?? []
    t.say('Nobody approves their own request.')
    expect((await t.run({ who: first, words: ['approval', 'approve', approval] })).code).toBe(3)
    await t.run({ who: second, words: ['approval', 'list', '--state', 'pending'] })
    expect(
      (await t.run({ who: second, words: ['approval', 'approve', approval, '--reason', 'spoke to them', '--quiet'] }))
        .code,
    ).toBe(0)
    expect((await t.run({ who: first, words })).code).toBe(0)
    t.say('An approval is good once.')
    expect((await t.run({ who: first, words })).code).not.toBe(0)
    await expect(t.text()).toMatchFileSnapshot(pageFile('reset'))
  })

  test('contexts and completion', async () => {
    const t = page('Contexts and completion')
    const who = 'desk'
    const viewer = principalOf(dev, 'Auditor')
    await t.run({ who, words: ['context', 'add', 'local', base] })
    await t.run({ who, words: ['context', 'add', 'prod', 'https://gatehouse.example.org'] })
    await t.run({
      who,
      words: ['auth', 'login', viewer.username, '--password-stdin', '--totp', await freshTotp(viewer.totpSecret)],
      stdin: `${viewer.password}\n`,
      typed: 'password.txt',
    })
    expect(json(await quietly(who, ['context', 'list', '--json']))).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ name: 'local', current: true, username: viewer.username, tokens: 'file' }),
      ]) as unknown[],
    })
    await t.run({ who, words: ['context', 'list', '--quiet'] })
    await t.run({ who, words: ['context', 'use', 'prod'] })
    await t.run({ who, words: ['auth', 'whoami', '--quiet', '--context', 'local'] })
    t.say('What a shell asks when Tab is pressed: words, choices, and what is there now.')
    expect((await t.run({ who, words: ['__complete', 'mfa', ''] })).out).toContain('webauthn')
    expect(
      (await t.run({ who, words: ['__complete', 'user', 'get', 'lin', '--context', 'local'], unseen: true })).code,
    ).toBe(0)
    await t.run({ who, words: ['context', 'use', 'local'] })
    await t.run({ who, words: ['__complete', 'session', 'list', '--user', viewer.username.slice(0, 2)] })
    await t.run({ who, words: ['context', 'remove', 'prod', '--yes'] })
    await expect(t.text()).toMatchFileSnapshot(pageFile('contexts-and-completion'))
  })
})

test("a session's tokens are worth nothing on a disk without the key beside them", async () => {
  const who = principalOf(dev, 'Auditor')
  await quietly(
    'bound',
    ['auth', 'login', who.username, '--password-stdin', '--totp', await freshTotp(who.totpSecret)],
    `${who.password}\n`,
  )
  const [file = ''] = readdirSync(join(directory, 'bound', 'tokens'))
  const { accessToken, refreshToken } = JSON.parse(
    readFileSync(join(directory, 'bound', 'tokens', file), 'utf8'),
  ) as Record<string, string> // what the command wrote
  const stolen = await fetch(`${base}/trpc/auth.whoami?input=%7B%7D`, {
    headers: { authorization: `Bearer ${String(accessToken)}` },
  })
  const renewed = await fetch(`${base}/trpc/auth.refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken }),
  })
  expect([stolen.status, renewed.status]).toEqual([401, 401])
  expect((await quietly('bound', ['auth', 'whoami', '--quiet'])).code).toBe(0)
})
