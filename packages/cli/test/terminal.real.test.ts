import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { builtPrograms } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { startWireServer, type WireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()

let server: WireServer
let proved = false

const material = { kind: 'postgres', username: 'u', password: 'p', url: null, host: null, port: null, authority: null }
const lease = {
  id: '019a1b2c-3d4e-7000-8000-000000000001',
  backend: 'postgres',
  role: 'shop-read',
  state: 'active',
  expiresAt: new Date(Date.now() + 900_000).toISOString(),
  renewableUntil: null,
}

beforeAll(async () => {
  const soon = new Date(Date.now() + 900_000).toISOString()
  server = await startWireServer(({ name, input }) => {
    if (name === 'auth.login')
      return { output: { tokens: null, challenge: { id: 'c1', methods: ['totp'], expiresAt: soon } } }
    if (name === 'auth.completeMfa' || name === 'auth.refresh')
      return { output: { tokens: { accessToken: 'a', refreshToken: 'r', accessExpiresAt: soon } } }
    if (name === 'auth.stepUpComplete') proved = JSON.stringify(input) === '{"totp":"123456"}'
    if (name === 'policy.reload' && !proved)
      return {
        refusal: { code: 'step-up-required' },
        status: 401,
        message: 'this needs a second factor proved more recently',
      }
    if (name === 'lease.issue') return { output: { lease, material } }
    if (name === 'lease.revoke') return { output: lease }
    if (name === 'auth.stepUpBegin') return { output: { methods: ['totp'], options: null } }
    return { output: { version: 'v2', username: 'ada', roles: ['Operator'], teams: [], assurance: 'su', missing: [] } }
  })
})
afterAll(() => server.close())

/** Runs the command on a terminal of its own (by `script`), and answers each question when it is asked. */
const onTerminal = (
  words: string,
  answers: readonly (readonly [question: string, answer: string])[],
  configHome: string,
): Promise<{ code: number; shown: string }> =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      GATEHOUSE_URL: server.url,
      GATEHOUSE_CONFIG_HOME: configHome,
      GATEHOUSE_TOKEN_STORE: 'file',
      TERM: 'xterm',
    }
    // a shell that stays in between (dash, where no SHELL is set) would itself end by Ctrl-C, and say 130
    const child = spawn('script', ['-qfec', `exec ${process.execPath} ${bin} ${words}`, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const waiting = [...answers]
    let shown = ''
    let heard = 0
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
      const [next] = waiting
      if (next === undefined || !shown.slice(heard).includes(next[0])) return
      waiting.shift()
      heard = shown.length
      setTimeout(() => child.stdin.write(next[1]), 50) // the question is shown just before the echo goes off
    })
    child.on('exit', (code) => resolve({ code: code ?? -1, shown }))
  })

describe.runIf(process.platform === 'linux' && existsSync('/usr/bin/script'))('on a terminal', () => {
  const home = freshConfigHome()

  test('passwords and codes are asked for, and never shown', async () => {
    const { code, shown } = await onTerminal(
      'auth login --username ada',
      [
        ['password: ', 'wrong\u0015correct horsf\u007fe\r'],
        ['code of', '123456\r'],
      ],
      home,
    )
    expect([code, shown.includes('logged in')]).toEqual([0, true])
    expect(shown).not.toMatch(/horse|horsf|wrong|123456/)
    expect(server.calls.find(({ name }) => name === 'auth.login')?.input).toEqual({
      username: 'ada',
      password: 'correct horse',
    })
  })

  test('a step-up is asked for in place, and the command goes on', async () => {
    const { code, shown } = await onTerminal('policy reload', [['code of', '123456\r']], home)
    expect([code, shown.includes('v2')]).toEqual([0, true])
  })

  test('Ctrl-C is heard once by a program that runs with a credential, which is revoked when it ends', async () => {
    const program =
      'let heard = 0; process.on("SIGINT", () => { heard += 1; setTimeout(() => process.exit(40 + heard), 300) }); ' +
      'setTimeout(() => {}, 60000); console.log("it runs")'
    const { code, shown } = await onTerminal(
      `lease run shop-read -- ${process.execPath} -e '${program}'`,
      [['it runs', '\u0003']],
      home,
    )
    expect([code, server.calls.at(-1)?.name], shown).toEqual([41, 'lease.revoke'])
  })

  test('Ctrl-C at a question ends the command and sends nothing', async () => {
    const before = server.calls.length
    const { code } = await onTerminal('auth login --username ada', [['password: ', '\u0003']], home)
    expect([code, server.calls.length]).toEqual([1, before])
  })
})
