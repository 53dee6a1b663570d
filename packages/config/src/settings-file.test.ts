import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret } from '@gatehouse/contract'
import { ageIdentities, ageKeys, ageRecipients, encryptNew, newAgeKeyFile, recipientOf } from '@gatehouse/sops'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, loadConfig, openSettingsFile, shownConfig, type Environment } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-settings-file-'))
const path = join(root, 'security.toml')
const keyPath = join(root, 'keys.txt')
const clear = '[mfa]\nrate_limit = 9\n[notify]\nsmtp_url = "smtps://gatehouse:canary-7f3@mail.example.org"\n'
let env: Environment
let encrypted: Uint8Array

beforeAll(async () => {
  const keys = await newAgeKeyFile()
  writeFileSync(keyPath, keys, { mode: 0o600 })
  env = { GATEHOUSE_CONFIG: path, SOPS_AGE_KEY_FILE: keyPath, HOME: root }
  encrypted = await encryptedFor(keys)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function encryptedFor(keys: string): Promise<Uint8Array> {
  const [identity] = ageIdentities(keys)
  const groups = [ageRecipients(await recipientOf(identity ?? secret('')))]
  return encryptNew(Buffer.from(clear), {
    format: 'binary',
    services: [ageKeys([])],
    groups,
    threshold: 1,
    now: new Date(),
  })
}

const load = async (given: Environment = env) => loadConfig(given, root, await openSettingsFile(given, root))
const failure = async (given: Environment = env): Promise<string> =>
  load(given).then(
    () => expect.fail('it was loaded'),
    (error: unknown) => (error instanceof ConfigError ? error.message : Promise.reject(error as Error)),
  )

describe('a file of settings that SOPS encrypted', () => {
  test('says the same as in clear, and is opened in memory', async () => {
    writeFileSync(path, encrypted)
    expect(Buffer.from(encrypted).toString()).not.toContain('canary-7f3')
    const { settings, file } = await load()
    expect([settings.mfa.rate_limit, file]).toEqual([9, path])
    writeFileSync(path, clear)
    expect(shownConfig(await load())).toEqual(shownConfig(loadConfig(env, root)))
  })

  test('without a key for it stops the start: which keys it is for, and where one is looked for', async () => {
    writeFileSync(path, encrypted)
    const { SOPS_AGE_KEY_FILE: _, ...without } = env
    expect(await failure(without)).toMatch(
      /security\.toml: no key at hand opens the document; it is encrypted for age age1\w+; SOPS_AGE_KEY_FILE names/,
    )
    expect(await failure({ ...env, SOPS_AGE_KEY_FILE: join(root, 'nowhere') })).toMatch(
      /cannot read the age key file .*nowhere: there is no such file/,
    )
  })

  test('that was changed stops the start, and no value of it is told', async () => {
    const text = Buffer.from(encrypted).toString()
    writeFileSync(
      path,
      text.replace(/data:(.)/, (_, letter: string) => `data:${letter === 'A' ? 'B' : 'A'}`),
    )
    const message = await failure()
    expect(message).toMatch(/security\.toml: .*changed.*put back the file as it was/)
    expect(message).not.toContain('canary')
  })

  test('is never taken for one in clear by who cannot open it', () => {
    writeFileSync(path, encrypted)
    expect(() => loadConfig(env, root)).toThrow(/is encrypted/)
  })

  test('whose settings are wrong names them as ever', async () => {
    const wrong = Buffer.from('[mfa]\nrate_limti = 9\n')
    writeFileSync(path, wrong)
    expect(await failure()).toMatch(/mfa\.rate_limti: there is no such setting/)
  })

  test('and one that is neither is told what it should be', async () => {
    for (const other of ['{"mfa":{"rate_limit":9}}', '{']) {
      writeFileSync(path, other)
      expect(await failure()).toMatch(/security\.toml: .*; settings are TOML, or TOML that SOPS encrypted/)
    }
  })

  test('and one that cannot be read says why', async () => {
    expect(await failure({ ...env, GATEHOUSE_CONFIG: root })).toMatch(/cannot be read: that is a directory/)
    expect(await failure({ ...env, GATEHOUSE_CONFIG: 'nothing.toml' })).toMatch(/GATEHOUSE_CONFIG: there is no file/)
  })
})
