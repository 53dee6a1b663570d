import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDuration } from '@gatehouse/kit'
import { ConfigError, loadConfig, shownConfig } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
const fileWith = (text: string): string => {
  const path = join(root, `${Math.abs(text.length * 7919 + text.charCodeAt(0))}.toml`)
  writeFileSync(path, text)
  return path
}
const load = (text: string, env: Record<string, string> = {}) =>
  loadConfig({ GATEHOUSE_CONFIG: fileWith(text), ...env }, root)

describe('settings', () => {
  test("the original's sample file loads unchanged", () => {
    const { settings } = load(`
[jwt]
issuer = "control-center"
audience = ["orchestrator", "cli"]
access_token_ttl = "15m"
refresh_token_ttl = "7d"
[cedar]
policies_path = "config/cedar-policies"
hot_reload = true
reload_interval = "60s"
[mfa]
totp_issuer = "Provisioning"
webauthn_rp_id = "provisioning.example.com"
rate_limit = 5
rate_limit_window = "5m"
[kms]
backend = "vault"
vault_address = "https://vault.example.com"
vault_mount_point = "transit"
[audit]
retention_days = 365
retention_break_glass_days = 2555 # 7 years
export_format = "json"
pii_anonymization = true
`)
    expect(settings.jwt).toEqual({
      issuer: 'control-center',
      audience: ['orchestrator', 'cli'],
      access_token_ttl: 900,
      refresh_token_ttl: 604_800,
    })
    expect(settings.kms.vault_address).toBe('https://vault.example.com')
  })

  test('an unknown key stops the start with its name and the keys there are', () => {
    expect(() => load('[jwt]\nissur = "x"\n')).toThrow(/jwt\.issur: there is no such setting; there are: issuer/)
  })

  test('a bad value stops the start with its key and what would be right', () => {
    expect(() => load('[mfa]\nrate_limit_window = "soon"\n')).toThrow(/mfa\.rate_limit_window: a duration such as 15m/)
    expect(() => load('[audit]\nretention_break_glass_days = 30\n')).toThrow(/seven years/)
  })

  test('a mail server is named by a URL of SMTP, and the environment may name it', () => {
    expect(() => load('[notify]\nsmtp_url = "https://mail.example.org"\n')).toThrow(/notify\.smtp_url: smtp:\/\//)
    expect(() => load('[notify]\nfrom = "nobody"\n')).toThrow(/notify\.from: an address/)
    expect(
      load('[notify]\nfrom = "Gatehouse <gatehouse@example.org>"\n', {
        GATEHOUSE_SMTP_URL: 'smtps://u:p@mail.example.org',
      }).settings.notify,
    ).toEqual({
      smtp_url: 'smtps://u:p@mail.example.org',
      from: 'Gatehouse <gatehouse@example.org>',
      allow_plaintext_smtp: false,
    })
  })

  test('broken TOML is told with its line', () => {
    expect(() => load('[jwt]\nissuer = \n')).toThrow(ConfigError)
    expect(() => load('[jwt]\nissuer = \n')).toThrow(/:2:\d+: not valid TOML/)
  })

  test('the environment wins over the file', () => {
    const { settings } = load('[jwt]\nissuer = "file"\n', {
      JWT_ISSUER: 'environment',
      JWT_AUDIENCE: 'a, b',
      CEDAR_ENABLE_HOT_RELOAD: 'false',
    })
    expect(settings.jwt.issuer).toBe('environment')
    expect(settings.jwt.audience).toEqual(['a', 'b'])
    expect(settings.cedar.hot_reload).toBe(false)
  })

  test('keys are bound to the public address and vouched for by nobody, unless the file says otherwise', () => {
    expect(load('').settings.mfa).toMatchObject({
      webauthn_rp_id: 'localhost',
      webauthn_origins: ['http://localhost:8420'],
    })
    expect(load('').settings.mfa.webauthn_attestation_roots).toBeUndefined()
    expect(
      load('[mfa]\nwebauthn_attestation_roots = "config/makers.pem"\n').settings.mfa.webauthn_attestation_roots,
    ).toBe('config/makers.pem')
    expect(() => load('[mfa]\nwebauthn_origins = ["gatehouse.example.org"]\n')).toThrow(/mfa\.webauthn_origins/)
  })

  test('a password may cost more than the default, never less than the minimum', () => {
    expect(load('').settings.password).toEqual({ memory_kib: 47_104, passes: 2 })
    expect(load('[password]\nmemory_kib = 98304\npasses = 3\n').settings.password).toEqual({
      memory_kib: 98_304,
      passes: 3,
    })
    expect(() => load('[password]\nmemory_kib = 19455\n')).toThrow(/password.memory_kib: at least 19456/)
    expect(() => load('[password]\npasses = 1\n')).toThrow(/password.passes: at least 2/)
  })

  test('what is shown holds no secret', () => {
    const shown = JSON.stringify(
      shownConfig(
        load('[notify]\nsmtp_url = "smtp://u:hunter2@mail"\n', {
          VAULT_TOKEN: 'hvs.hunter2',
          DATABASE_URL: 'postgres://u:hunter2@h/d',
        }),
      ),
    )
    expect(shown).not.toContain('hunter2')
    expect(shown).toContain('[set, not shown]')
  })

  test('a dev stack is heard on loopback only, unless told otherwise', () => {
    expect(load('', { GATEHOUSE_DEV: '1' }).runtime.listen).toEqual(['127.0.0.1', '::1'])
    expect(load('', {}).runtime.listen).toEqual(['::'])
    expect(load('', { GATEHOUSE_DEV: '1', GATEHOUSE_LISTEN: '0.0.0.0, ::1' }).runtime.listen).toEqual([
      '0.0.0.0',
      '::1',
    ])
    expect(() => load('', { GATEHOUSE_LISTEN: 'everywhere' })).toThrow(/GATEHOUSE_LISTEN: addresses such as/)
  })

  test('durations are whole seconds, and nothing else', () => {
    expect(parseDuration('1h30m')).toBe(5400)
    expect(parseDuration('3600')).toBe(3600)
    for (const wrong of ['', '1.5h', '-1m', 'h', '1y', ' 5m']) expect(parseDuration(wrong)).toBeNull()
  })
})
