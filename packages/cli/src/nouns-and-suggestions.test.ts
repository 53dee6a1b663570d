// What a line says that names no whole command: what there is, or what was probably meant.
import { describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'

describe('a noun alone', () => {
  test.each([
    [['lease'], ['lease get', 'lease list', 'lease renew', 'lease revoke', 'lease watch']],
    [['lease', '--help'], ['lease list']],
    [['auth', 'mfa'], ['auth mfa enroll']],
    [['context'], ['context add', 'context use']],
  ])('%j lists its commands and is no mistake', async (words, commands) => {
    const { code, out, talk } = await run(words)
    expect([code, talk]).toEqual([0, ''])
    for (const command of commands) expect(out).toContain(`  ${command} `)
    expect(out).not.toContain('user list')
  })

  test('is a mistake where a program waits for JSON', async () => {
    const { code, out, talk } = await run(['lease', '--json'])
    expect([code, out, JSON.parse(talk).error.code]).toEqual([2, '', 'invalid-input'])
  })
})

describe('the version', () => {
  test.each([[['version']], [['--version']], [['-v']]])('is said by %j, without a server', async (words) => {
    expect(await run(words)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^gatehouse \d+\.\d+\.\d+/) as string,
    })
  })

  test('is one document for a program', async () => {
    for (const words of [
      ['version', '--json'],
      ['-v', '--json'],
    ])
      expect(JSON.parse((await run(words)).out)).toEqual({ version: expect.any(String) as string })
  })
})

describe('words that are no command', () => {
  test.each([
    ['leases', 'lease'],
    ['lease lst', 'lease list'],
    ['leases lst', 'lease list'],
    ['lease revke', 'lease revoke'],
    ['list leases', 'lease list'],
    ['policies', 'policy'],
    ['hosts list', 'ssh-host list'],
    ['key generate', 'ssh-key generate'],
    ['key create', 'kms-key create'],
    ['token create', 'api-token create'],
    ['whoami', 'auth whoami'],
    ['logout', 'auth logout'],
    ['auth mfa enrol', 'auth mfa enroll'],
  ])('%s: %s is offered', async (typed, meant) => {
    const { code, talk } = await run(typed.split(' '))
    expect([code, talk]).toEqual([2, expect.stringContaining(`did you mean gatehouse ${meant}?\n`)])
  })

  test('where nothing is near, the way to the commands is said', async () => {
    expect((await run(['xylophone'])).talk).toContain('gatehouse --help')
    expect((await run(['lease', 'frobnicate'])).talk).toContain('gatehouse lease lists its commands')
  })
})
