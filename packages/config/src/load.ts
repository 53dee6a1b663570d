import { readFileSync } from 'node:fs'
import { type Secret, secret } from '@gatehouse/contract'
import { parse as parseToml, TomlError } from 'smol-toml'
import type { z } from 'zod'
import { ConfigError, type Environment } from './environment.ts'
import { runtimeFrom, type Runtime } from './runtime.ts'
import { readSettingsFile } from './settings-file.ts'
import { servesTls, Settings, settingsInForce } from './settings.ts'

/** All settings in force: file and environment, parsed once and frozen. */
export interface Config {
  readonly settings: Settings
  readonly runtime: Runtime
  readonly vaultToken: Secret<string> | null
  readonly awsCredentials: AwsCredentials | null
  readonly jwtKeyFiles: { readonly privateKey: string; readonly publicKey: string } | null
  /** Where the settings came from. */
  readonly file: string | null
}

/** What AWS knows a user of its by. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret<string>
}

/**
 * Loads settings: environment over file over default. Throws `ConfigError` naming the key. `root` is where relative
 * paths start. `file` is what `openSettingsFile` read; without it one that is not encrypted is read here.
 */
export function loadConfig(env: Environment, root: string, file = readSettingsFile(env, root)): Config {
  const result = Settings.safeParse(overlay(file.text === null ? {} : parsed(file.path, file.text), env))
  if (!result.success) throw new ConfigError(explain(result.error, file.text === null ? 'the environment' : file.path))
  if (result.data.ssh.ttl_min > result.data.ssh.ttl_max) throw new ConfigError('ssh.ttl_min: at most ssh.ttl_max')
  const runtime = runtimeFrom(env, root, { tls: servesTls(result.data) })
  return Object.freeze({
    settings: deepFreeze(settingsInForce(result.data, runtime.publicUrl)),
    runtime: Object.freeze(runtime),
    vaultToken: secretOf(env, 'VAULT_TOKEN'),
    awsCredentials: awsCredentials(env),
    jwtKeyFiles: jwtKeyFiles(env),
    file: file.text === null ? null : file.path,
  })
}

function parsed(path: string, text: string): Record<string, unknown> {
  try {
    return parseToml(text)
  } catch (error) {
    if (error instanceof TomlError)
      throw new ConfigError(`${path}:${error.line}:${error.column}: not valid TOML`, { cause: error })
    throw error
  }
}

/** Environment variables and the keys they stand for. */
const variables: readonly { name: string; section: keyof Settings; key: string; parse: (value: string) => unknown }[] =
  [
    { name: 'JWT_ISSUER', section: 'jwt', key: 'issuer', parse: String },
    {
      name: 'JWT_AUDIENCE',
      section: 'jwt',
      key: 'audience',
      parse: (value) =>
        value
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
    },
    { name: 'CEDAR_POLICIES_PATH', section: 'cedar', key: 'policies_path', parse: String },
    { name: 'CEDAR_ENABLE_HOT_RELOAD', section: 'cedar', key: 'hot_reload', parse: booleanOrText },
    { name: 'KMS_BACKEND', section: 'kms', key: 'backend', parse: String },
    { name: 'VAULT_ADDR', section: 'kms', key: 'vault_address', parse: String },
    { name: 'MFA_TOTP_ISSUER', section: 'mfa', key: 'totp_issuer', parse: String },
    { name: 'MFA_WEBAUTHN_RP_ID', section: 'mfa', key: 'webauthn_rp_id', parse: String },
    { name: 'GATEHOUSE_TLS', section: 'tls', key: 'development', parse: (value) => (value === 'dev' ? true : value) },
    { name: 'GATEHOUSE_TLS_CERTIFICATE', section: 'tls', key: 'certificate', parse: String },
    { name: 'GATEHOUSE_TLS_KEY', section: 'tls', key: 'key', parse: String },
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', section: 'telemetry', key: 'endpoint', parse: String },
    { name: 'GATEHOUSE_SMTP_URL', section: 'notify', key: 'smtp_url', parse: String },
  ]

/** `true`, `false`, `1`, `0`; anything else stays text, and the schema says what would be right. */
function booleanOrText(value: string): boolean | string {
  const known: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false }
  return known[value] ?? value
}

function overlay(file: Record<string, unknown>, env: Environment): Record<string, unknown> {
  const merged = { ...file }
  for (const { name, section, key, parse } of variables) {
    const value = env[name]
    if (value === undefined || value === '') continue
    const current = merged[section]
    merged[section] = { ...(typeof current === 'object' ? current : {}), [key]: parse(value) }
  }
  return merged
}

function explain(error: z.ZodError, source: string): string {
  const lines = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(
          (key) => `${[...issue.path, key].join('.')}: there is no such setting${nearest(key, issue.path)}`,
        )
      : [`${issue.path.join('.')}: ${messageOf(issue)}`],
  )
  return `${source} has settings that are not right:\n  ${lines.join('\n  ')}`
}

/** Of a name in a table what is wrong with it, and not only that something is. */
const messageOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message

/** What could have been meant: the keys of the same section. */
function nearest(_key: string, path: readonly PropertyKey[]): string {
  const shape = path.length === 0 ? Settings.shape : undefined
  const keys = shape
    ? Object.keys(shape)
    : Object.keys((Settings.parse({}) as Record<string, object>)[String(path[0])] ?? {})
  return keys.length > 0 ? `; there are: ${keys.join(', ')}` : ''
}

/** A secret of the environment: in the file that `<name>_FILE` names, else the value itself. */
function secretOf(env: Environment, name: string): Secret<string> | null {
  const file = env[`${name}_FILE`]
  if (file !== undefined && file !== '') return readSecretFile(`${name}_FILE`, file)
  const value = env[name]
  return value === undefined || value === '' ? null : secret(value)
}

/** Null also where there is half of them: other programs of this machine may have come with it. */
function awsCredentials(env: Environment): AwsCredentials | null {
  const accessKeyId = env['AWS_ACCESS_KEY_ID']
  const secretAccessKey = secretOf(env, 'AWS_SECRET_ACCESS_KEY')
  return accessKeyId && secretAccessKey !== null ? { accessKeyId, secretAccessKey } : null
}

/** What a file holds that the setting names. Throws `ConfigError` naming the setting. */
export function readSecretFile(name: string, file: string): Secret<string> {
  try {
    return secret(readFileSync(file, 'utf8').trim())
  } catch (error) {
    throw new ConfigError(`${name}: a file that this process can read; \`${file}\` is not one`, { cause: error })
  }
}

function jwtKeyFiles(env: Environment): Config['jwtKeyFiles'] {
  const [privateKey, publicKey] = [env['JWT_PRIVATE_KEY_PATH'], env['JWT_PUBLIC_KEY_PATH']]
  if (!privateKey && !publicKey) return null
  if (!privateKey || !publicKey)
    throw new ConfigError('JWT_PRIVATE_KEY_PATH and JWT_PUBLIC_KEY_PATH go together; one of them is missing')
  return { privateKey, publicKey }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
