import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig, requireKeyBackends, requireWorkable, shownConfig, type Config } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-workable-'))
let files = 0

interface Case {
  readonly toml?: string
  readonly env?: Readonly<Record<string, string>>
}

/** As a gateway starts: read, then refused where it can never work. */
function start({ toml = '', env = {} }: Case): Config {
  const path = join(root, `${(files += 1)}.toml`)
  writeFileSync(path, toml)
  const config = loadConfig({ GATEHOUSE_CONFIG: path, ...env }, root)
  requireWorkable(config)
  return config
}

const at = (url: string, rest: Readonly<Record<string, string>> = {}) => ({ GATEHOUSE_PUBLIC_URL: url, ...rest })
const org = at('https://gatehouse.example.org')
const kms = (backend: string): string => `[kms]\nbackend = "${backend}"\n`
const awsUser = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'hunter2' }
const mfa = (line: string): string => `[mfa]\n${line}\n`

describe('a setting that can never work stops the start with its key and what would work', () => {
  test.each<[what: string, one: Case, key: RegExp]>([
    [
      'a public URL without a scheme',
      { env: at('gatehouse.example.org:8420') },
      /GATEHOUSE_PUBLIC_URL: an origin such/,
    ],
    ['a bare name', { env: at('gatehouse.example.org') }, /GATEHOUSE_PUBLIC_URL: .*no http or https/],
    ['another scheme', { env: at('ftp://example.org') }, /GATEHOUSE_PUBLIC_URL: .*no http or https/],
    ['a path', { env: at('https://example.org/gatehouse') }, /GATEHOUSE_PUBLIC_URL: .*a path/],
    ['a query', { env: at('https://example.org/?a=1') }, /GATEHOUSE_PUBLIC_URL: .*more than a host/],
    ['a password', { env: at('https://u:p@example.org') }, /GATEHOUSE_PUBLIC_URL: .*user name or password/],
    ['a trailing dot', { env: at('https://example.org.') }, /GATEHOUSE_PUBLIC_URL: .*dot/],
    ['plain http on a public name', { env: at('http://gatehouse.example.org') }, /GATEHOUSE_PUBLIC_URL: .*plain http/],
    ['plain http on a LAN address', { env: at('http://192.168.1.5:8420') }, /GATEHOUSE_PUBLIC_URL: .*plain http/],
    ['an address', { env: at('https://192.0.2.7') }, /GATEHOUSE_PUBLIC_URL: a name, not an address/],
    ['an IPv6 address', { env: at('https://[2001:db8::7]') }, /GATEHOUSE_PUBLIC_URL: a name, not an address/],
    [
      'localhost as rp id under a public name',
      { toml: mfa('webauthn_rp_id = "localhost"'), env: org },
      /mfa\.webauthn_rp_id: `gatehouse\.example\.org`/,
    ],
    [
      'an address as rp id',
      { toml: mfa('webauthn_rp_id = "192.0.2.7"'), env: org },
      /mfa\.webauthn_rp_id: a host name/,
    ],
    [
      'a URL as rp id',
      { toml: mfa('webauthn_rp_id = "https://example.org"'), env: org },
      /mfa\.webauthn_rp_id: a host/,
    ],
    ['upper case as rp id', { toml: mfa('webauthn_rp_id = "Example.org"'), env: org }, /mfa\.webauthn_rp_id: a host/],
    ['a top-level domain', { toml: mfa('webauthn_rp_id = "org"'), env: org }, /mfa\.webauthn_rp_id: `gatehouse/],
    ['another domain', { toml: mfa('webauthn_rp_id = "ample.org"'), env: org }, /mfa\.webauthn_rp_id: `gatehouse/],
    ['an rp id by the environment', { env: { ...org, MFA_WEBAUTHN_RP_ID: 'localhost' } }, /mfa\.webauthn_rp_id/],
    ['a public name as rp id of localhost', { toml: mfa('webauthn_rp_id = "example.org"') }, /mfa\.webauthn_rp_id/],
    [
      'an origin elsewhere',
      { toml: mfa('webauthn_origins = ["https://example.com"]'), env: org },
      /mfa\.webauthn_origins: origins at/,
    ],
    [
      'an origin with a path',
      { toml: mfa('webauthn_origins = ["https://gatehouse.example.org/"]'), env: org },
      /mfa\.webauthn_origins: .*without a path/,
    ],
    [
      'an origin of plain http',
      { toml: mfa('webauthn_origins = ["http://gatehouse.example.org"]'), env: org },
      /mfa\.webauthn_origins: https/,
    ],
    ['a colon in the issuer', { toml: mfa('totp_issuer = "Corp: Ops"') }, /mfa\.totp_issuer: a name without a colon/],
    ['a line break in the issuer', { toml: mfa('totp_issuer = "Corp\\nOps"') }, /mfa\.totp_issuer/],
    [
      'attestation roots that are not there',
      { toml: mfa('webauthn_attestation_roots = "no.pem"') },
      /attestation_roots/,
    ],
    ['a Vault without an address', { toml: kms('vault'), env: { VAULT_TOKEN: 't' } }, /kms\.vault_address: where/],
    [
      'a Vault without a token',
      { env: { KMS_BACKEND: 'vault', VAULT_ADDR: 'https://v' } },
      /kms\.vault_token_file: a file/,
    ],
    [
      'a token that would go in clear',
      { env: { KMS_BACKEND: 'vault', VAULT_ADDR: 'http://vault.example.org', VAULT_TOKEN: 'hunter2' } },
      /kms\.vault_address: https, or/,
    ],
    ['AWS without a key', { toml: kms('aws'), env: awsUser }, /kms\.aws_key_arn: the ARN/],
    [
      'AWS with half of the credentials',
      { toml: kms('aws'), env: { AWS_ACCESS_KEY_ID: 'A' } },
      /AWS_ACCESS_KEY_ID: a user/,
    ],
    [
      'an endpoint of AWS in clear',
      { toml: `${kms('aws')}aws_endpoint = "http://kms.example.org"\n`, env: awsUser },
      /kms\.aws_endpoint: https, or/,
    ],
    [
      'a token without its module, label and PIN',
      { toml: kms('pkcs11') },
      /pkcs11_module: .*\n.*_token: .*\n.*_pin_file: /,
    ],
    [
      'a Cosmian KMS with nothing said of it',
      { toml: kms('cosmian') },
      /kms\.cosmian_address: .*\n.*kms\.cosmian_key: .*\n.*kms\.cosmian_token_file: /,
    ],
    [
      'a Cosmian KMS in clear',
      { toml: `${kms('cosmian')}cosmian_address = "http://kms.example.org"\n` },
      /kms\.cosmian_address: https, or http on this machine/,
    ],
    ['a backend of no name that we know', { toml: kms('gcp') }, /kms\.backend: /],
    [
      'access tokens that outlive refresh tokens',
      { toml: '[jwt]\naccess_token_ttl = "1h"\nrefresh_token_ttl = "10m"\n' },
      /jwt\.access_token_ttl: at most/,
    ],
    ['ssh bounds in the wrong order', { toml: '[ssh]\nttl_min = "2h"\nttl_max = "1h"\n' }, /ssh\.ttl_min: at most/],
    [
      'everybody as a proxy',
      { toml: '[rate_limit]\ntrusted_proxies = ["0.0.0.0/0"]\n' },
      /rate_limit\.trusted_proxies/,
    ],
    [
      'a database by http',
      { env: { DATABASE_URL: 'http://u:hunter2@h/d' } },
      /DATABASE_URL: an address such as postgres/,
    ],
    ['an owner by mysql', { env: { DATABASE_ADMIN_URL: 'mysql://h/d' } }, /DATABASE_ADMIN_URL: an address such as/],
    ['Temporal with a scheme', { env: { TEMPORAL_ADDRESS: 'https://t:7233' } }, /TEMPORAL_ADDRESS: .*without a scheme/],
    ['Temporal without a port', { env: { TEMPORAL_ADDRESS: 'temporal' } }, /TEMPORAL_ADDRESS: .*host:7233/],
    ['Temporal Web without a scheme', { env: { TEMPORAL_UI_URL: 'localhost:8233' } }, /TEMPORAL_UI_URL: .*http/],
    [
      'keys that are not there',
      { env: { JWT_PRIVATE_KEY_PATH: 'a', JWT_PUBLIC_KEY_PATH: 'b' } },
      /JWT_PRIVATE_KEY_PATH/,
    ],
    ['a token file that is not there', { env: { VAULT_TOKEN_FILE: join(root, 'no') } }, /VAULT_TOKEN_FILE: a file/],
    ['half a TLS pair', { toml: `[tls]\ncertificate = "${import.meta.filename}"\n` }, /tls\.key: the private key/],
    ['the other half', { toml: `[tls]\nkey = "${import.meta.filename}"\n` }, /tls\.certificate: the certificate/],
    ['a TLS pair that is not there', { toml: '[tls]\ncertificate = "a"\nkey = "b"\n' }, /tls\.certificate: a file/],
    [
      'two kinds of TLS',
      { toml: `[tls]\ncertificate = "${import.meta.filename}"\n`, env: { GATEHOUSE_TLS: 'dev' } },
      /tls\.development/,
    ],
    ['TLS of no known kind', { env: { GATEHOUSE_TLS: 'yes' } }, /tls\.development: true or false/],
    [
      'plain http where TLS is served',
      { env: at('http://localhost:8420', { GATEHOUSE_TLS: 'dev' }) },
      /GATEHOUSE_PUBLIC_URL: .*\[tls\] serves/,
    ],
    ['half a key pair', { env: { JWT_PRIVATE_KEY_PATH: 'a' } }, /JWT_PRIVATE_KEY_PATH and JWT_PUBLIC_KEY_PATH/],
    ['a port that is none', { env: { GATEHOUSE_PORT: '70000' } }, /GATEHOUSE_PORT: a port from 1/],
    [
      'an address to listen on that is none',
      { env: { GATEHOUSE_LISTEN: 'everywhere' } },
      /GATEHOUSE_LISTEN: addresses/,
    ],
  ])('%s', (_what, one, key) => {
    expect(() => start(one)).toThrow(ConfigError)
    expect(() => start(one)).toThrow(key)
  })

  test('no value that may hold a password is repeated', () => {
    const inClear = { KMS_BACKEND: 'vault', VAULT_ADDR: 'http://v.example.org', VAULT_TOKEN: 'hunter2' }
    expect(() => start({ env: inClear })).toThrow(/vault_address/)
    expect(() => start({ env: inClear })).not.toThrow(/hunter2/)
    expect(() => start({ env: { DATABASE_URL: 'http://u:hunter2@h/d' } })).not.toThrow(/hunter2/)
  })

  test('all of them are told at once', () => {
    const one = { toml: `${kms('vault')}[mfa]\nwebauthn_rp_id = "localhost"\n`, env: org }
    expect(() => start(one)).toThrow(/mfa\.webauthn_rp_id[\s\S]*kms\.vault_address[\s\S]*VAULT_TOKEN_FILE/)
  })
})

describe('a backend of keys with all that it needs', () => {
  test('is the one that the settings name, by default a file of the state directory', () => {
    const home = { GATEHOUSE_HOME: '/var/lib/gatehouse' }
    expect(requireKeyBackends(start({ env: home }))).toEqual({
      first: { kind: 'age', file: '/var/lib/gatehouse/keys/kek.age' },
      second: null,
      regions: [],
      nearest: null,
    })
    expect(requireKeyBackends(start({ toml: '[kms]\nage_key_file = "/media/k"\n', env: home })).first).toEqual({
      kind: 'age',
      file: '/media/k',
    })
    const vault = { KMS_BACKEND: 'vault', VAULT_ADDR: 'https://vault.example.org', VAULT_TOKEN: 'hunter2' }
    expect(requireKeyBackends(start({ env: vault })).first).toMatchObject({
      kind: 'vault',
      mount: 'transit',
      key: 'gatehouse',
    })
    const arn = 'arn:aws:kms:eu-north-1:123456789012:key/6d3b3ab0-6f2b-4d5b-8a52-a3a1a3b2c1d0'
    const aws = start({ toml: `${kms('aws')}aws_key_arn = "${arn}"\n`, env: awsUser })
    expect(requireKeyBackends(aws).first).toMatchObject({ kind: 'aws', keyArn: arn, accessKeyId: 'A' })
    expect(JSON.stringify(shownConfig(aws))).not.toContain('hunter2')
  })

  test('may have a second beside it, each with a token of its own', () => {
    const [tokenFile, vaultAt] = [join(root, 'token'), (n: number) => `vault_address = "https://v${n}.example.org"\n`]
    writeFileSync(tokenFile, 'hvs.second\n')
    const toml = `${kms('vault')}${vaultAt(1)}[kms.second]\nbackend = "vault"\n${vaultAt(2)}`
    const { first, second } = requireKeyBackends(
      start({ toml: `${toml}vault_token_file = "${tokenFile}"\n`, env: { VAULT_TOKEN: 'hvs.first' } }),
    )
    const tokens = [first, second].map((one) => (one?.kind === 'vault' ? one.token.expose() : null))
    expect(tokens).toEqual(['hvs.first', 'hvs.second'])
    const half = { toml: `${toml}vault_token_file = "${tokenFile}.not-there"\n`, env: { VAULT_TOKEN: 'hvs.first' } }
    expect(() => start(half)).toThrow(/kms\.second\.vault_token_file: a file that this process can read/)
    expect(() => start({ toml: '[kms.second]\nbackend = "aws"\n' })).toThrow(/kms\.second\.aws_key_arn/)
    expect(() => start({ toml: '[kms.second]\nbakend = "aws"\n' })).toThrow(/kms\.second\.bakend: there is no/)
  })

  test('may have regions beside it, in their order, each with a file and a token of its own', () => {
    const tokenFile = join(root, 'region-token')
    writeFileSync(tokenFile, 'hvs.region\n')
    const west = `[kms.regions.west]\nbackend = "vault"\nvault_address = "https://w.example.org"\n`
    const token = `vault_token_file = "${tokenFile}"\n`
    const east = '[kms.regions.east]\nage_key_file = "/media/east"\n'
    const { regions, nearest } = requireKeyBackends(start({ toml: `[kms]\nnearest = "east"\n${west}${token}${east}` }))
    expect(regions.map(({ name, backend }) => [name, backend.kind])).toEqual([
      ['west', 'vault'],
      ['east', 'age'],
    ])
    expect(nearest).toBe('east')
    // the token of the environment is that of [kms]: it goes nowhere else
    expect(() => start({ toml: west, env: { VAULT_TOKEN: 'hvs.first' } })).toThrow(
      /kms\.regions\.west\.vault_token_file/,
    )
    expect(() => start({ toml: '[kms.regions.east]\n' })).toThrow(/kms\.regions\.east\.age_key_file: the file/)
    expect(() => start({ toml: `[kms]\nnearest = "south"\n${east}` })).toThrow(/kms\.nearest: .*`south` is none/)
    for (const name of ['East', 'installation', 'installation-2', '1st', 'a_b'])
      expect(() => start({ toml: `[kms.regions.${name}]\nage_key_file = "k"\n` })).toThrow(
        new RegExp(`kms\\.regions\\.${name}: lower-case letters`),
      )
  })

  test('is asked for also by commands, which look at nothing else', () => {
    const config = loadConfig({ KMS_BACKEND: 'vault' }, root)
    expect(() => requireKeyBackends(config)).toThrow(/kms\.vault_address[\s\S]*VAULT_TOKEN_FILE/)
  })
})

describe('what follows from another setting follows by itself', () => {
  test.each<[url: string | null, canonical: string, id: string]>([
    [null, 'http://localhost:8420', 'localhost'],
    ['https://Gatehouse.Example.org:443/', 'https://gatehouse.example.org', 'gatehouse.example.org'],
    ['https://gatehouse.example.org:8443', 'https://gatehouse.example.org:8443', 'gatehouse.example.org'],
    ['http://127.0.0.1:8420', 'http://127.0.0.1:8420', 'localhost'],
    ['http://gate.localhost:8420', 'http://gate.localhost:8420', 'gate.localhost'],
  ])('%s', (url, canonical, id) => {
    const { settings, runtime } = start({ env: url === null ? {} : at(url) })
    expect(runtime.publicUrl).toBe(canonical)
    expect(settings.mfa).toMatchObject({ webauthn_rp_id: id, webauthn_origins: [canonical] })
  })

  test('where TLS is served, people come by https', () => {
    const { settings, runtime } = start({ env: { GATEHOUSE_TLS: 'dev' } })
    expect(runtime.publicUrl).toBe('https://localhost:8420')
    expect(settings.mfa).toMatchObject({ webauthn_rp_id: 'localhost', webauthn_origins: [runtime.publicUrl] })
  })

  test('a parent domain may be chosen, and plain http with the development flag', () => {
    expect(start({ toml: mfa('webauthn_rp_id = "example.org"'), env: org }).settings.mfa.webauthn_rp_id).toBe(
      'example.org',
    )
    const lan = start({ env: at('http://gatehouse.test:8420', { GATEHOUSE_DEV: '1' }) })
    expect(lan.runtime.publicUrl).toBe('http://gatehouse.test:8420')
  })
})
