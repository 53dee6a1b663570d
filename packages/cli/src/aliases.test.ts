import { describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { allCommands } from './all-commands.ts'
import { commandText, spellingsOf } from './command.ts'

/** The names of before and other second names, one by one, and the command that each of them is. */
const names = [
  ['login', 'auth login'],
  ['auth login', 'auth login'],
  ['auth logout', 'auth logout'],
  ['auth verify', 'auth verify'],
  ['auth sessions', 'session list'],
  ['auth status', 'auth status'],
  ['auth refresh', 'auth refresh'],
  ['auth revoke', 'session revoke'],
  ['auth whoami', 'auth whoami'],
  ['mfa totp enroll', 'totp enroll'],
  ['mfa totp confirm', 'totp confirm'],
  ['mfa totp verify', 'mfa verify'],
  ['auth mfa verify', 'mfa verify'],
  ['mfa totp disable', 'totp remove'],
  ['mfa backup-codes', 'backup-code status'],
  ['mfa regenerate-codes', 'backup-code regenerate'],
  ['mfa webauthn enroll', 'mfa webauthn register'],
  ['mfa webauthn verify', 'mfa webauthn verify'],
  ['mfa webauthn list', 'authenticator list'],
  ['mfa webauthn remove', 'authenticator remove'],
  ['mfa list-devices', 'authenticator list'],
  ['mfa remove-device', 'authenticator remove'],
  ['mfa status', 'mfa status'],
  ['mfa disable', 'mfa disable'],
  ['mfa reset', 'mfa reset'],
  ['auth mfa enroll', 'auth mfa enroll'],
  ['audit query', 'audit search'],
  ['audit retention', 'audit retention-get'],
  ['audit holds', 'audit retention-get'],
  ['break-glass show', 'break-glass get'],
  ['break-glass sessions', 'emergency-session list'],
  ['break-glass revoke', 'emergency-session revoke'],
  ['break-glass audit', 'emergency-session audit'],
  ['compliance incident open', 'incident open'],
  ['compliance incident list', 'incident list'],
  ['compliance incident show', 'incident get'],
  ['compliance incident update', 'incident update'],
  ['kms create-key', 'kms-key create'],
  ['kms list-keys', 'kms-key list'],
  ['kms describe-key', 'kms-key get'],
  ['kms rotate-key', 'kms-key rotate'],
  ['kms enable-key', 'kms-key enable'],
  ['kms disable-key', 'kms-key disable'],
  ['kms generate-key', 'kms generate-data-key'],
  ['secrets generate', 'lease issue'],
  ['secrets list', 'lease list'],
  ['secrets get', 'lease get'],
  ['secrets renew', 'lease renew'],
  ['secrets expiring', 'lease expiring'],
  ['secrets stats', 'lease stats'],
  ['secrets revoke', 'lease revoke'],
  ['ssh otp', 'ssh-otp issue'],
  ['ssh verify-otp', 'ssh-otp verify'],
  ['config scan-sensitive', 'config scan'],
  ['config edit-secure', 'config edit'],
  ['config rotate-keys', 'config rotate'],
  ['config encryption-info', 'config info'],
  ['config validate-encryption', 'config validate'],
] as const

describe('names of before', () => {
  test.each(names)('`%s` is `%s`, and its help says so', async (alias, canonical) => {
    const [byAlias, byName] = [
      await run([...alias.split(' '), '--help']),
      await run([...canonical.split(' '), '--help']),
    ]
    expect([byAlias.code, byAlias.out]).toEqual([0, byName.out])
    expect(byAlias.out).toContain(`gatehouse ${alias}`)
  })

  test('there is none that is not in this list', () => {
    const listed: readonly string[] = names.map(([alias]) => alias)
    expect(
      allCommands()
        .flatMap(({ aliases }) => aliases)
        .filter((alias) => !listed.includes(alias)),
    ).toEqual([])
  })

  test('never mean two things', () => {
    const spellings = allCommands()
      .flatMap(spellingsOf)
      .map((words) => words.join(' '))
    expect(spellings.filter((spelling, index) => spellings.indexOf(spelling) !== index)).toEqual([])
  })

  test('stand in the help of their noun, saying what they are the same as', async () => {
    const { out } = await run(['mfa', '--help'])
    expect(out).toMatch(/mfa totp enroll +same as totp enroll/)
    expect((await run(['--help'])).out).not.toContain('same as')
  })

  test('leave every command its own name first', () => {
    for (const command of allCommands()) expect(spellingsOf(command)[0]?.join(' ')).toBe(commandText(command))
  })
})
