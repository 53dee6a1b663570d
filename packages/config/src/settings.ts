import { isIP } from 'node:net'
import { roles } from '@gatehouse/contract'
import { allowedPlaceRule, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { z } from 'zod'
import { duration } from './duration.ts'
import { hostOf, isLocal } from './public-url.ts'

const text = z.string().min(1).max(512)
const cidr = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'an address or a CIDR, such as 10.0.0.0/8',
})
/** As a browser would write it. */
const isHost = (text: string): boolean => {
  const url = URL.parse(`http://${isIP(text) === 6 ? `[${text}]` : text}`)
  return url !== null && url.port === '' && hostOf(url.href) === text
}
const allowedPlace = z.string().refine((place) => parseAllowedPlace(place) !== null, allowedPlaceRule)
const bundleKey = text.regex(/^[^\s+]+\+[0-9a-f]{8}\+\S+$/, 'a public key as `gatehouse policy bundle` prints it')
// C2SP verifier key of a witness, and where it takes checkpoints
const witness = z
  .string()
  .max(1024)
  .refine(
    (line) => /^[^\s+]{1,256}\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=* https?:\/\/\S+$/.test(line),
    'the verifier key of a witness, a blank and its URL',
  )
// every key of every section has a default
const section = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape).prefault({} as never)

// where a key encryption key is
const kekPlace = {
  backend: z.enum(['age', 'aws', 'vault', 'pkcs11', 'cosmian']).default('age'),
  age_key_file: text.optional(),
  vault_address: z.url().optional(),
  vault_mount_point: text.default('transit'),
  vault_key: text.default('gatehouse'),
  vault_token_file: text.optional(),
  aws_key_arn: text.optional(),
  aws_endpoint: z.url().optional(),
  pkcs11_module: text.optional(),
  pkcs11_token: text.optional(),
  pkcs11_key: text.default('gatehouse'),
  pkcs11_pin_file: text.optional(),
  cosmian_address: z.url().optional(),
  cosmian_key: text.optional(),
  cosmian_token_file: text.optional(),
}

/** Rows remember it, metrics have it as a label: short, and one spelling. `installation…` is what `[kms]` is called. */
const regionName = z
  .string()
  .regex(/^(?!installation)[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and `-`, at most 32; not `installation`')

/** The settings file, section by section, key by key. Unknown keys are errors. Times are seconds inside. */
export const Settings = z.strictObject({
  jwt: section({
    issuer: text.default('control-center'),
    audience: z.array(text).min(1).default(['orchestrator', 'cli']),
    access_token_ttl: duration({ min: 10, max: 3600 }).prefault('15m'),
    refresh_token_ttl: duration({ min: 60, max: 2_592_000 }).prefault('7d'),
  }),
  cedar: section({
    policies_path: text.default('policies'),
    hot_reload: z.boolean().default(true),
    reload_interval: duration({ min: 1, max: 86_400 }).prefault('60s'),
    bundle_keys: z.array(bundleKey).max(20).default([]),
  }),
  mfa: section({
    totp_issuer: text
      .regex(/^[^:\p{Cc}]+$/u, 'a name without a colon: authenticator apps read one as the end of it')
      .default('Gatehouse'),
    webauthn_rp_id: text.optional(),
    webauthn_origins: z.array(z.url()).default([]),
    webauthn_attestation_roots: text.optional(),
    rate_limit: z.int().min(1).max(100).default(5),
    rate_limit_window: duration({ min: 1, max: 86_400 }).prefault('5m'),
    step_up_max_age: duration({ min: 1, max: 3600 }).prefault('5m'),
    required_roles: z.array(z.enum(roles)).default([...roles]),
  }),
  password: section({
    memory_kib: z.int().min(19_456, "at least 19456 (OWASP's minimum for argon2id)").max(1_048_576).default(47_104),
    passes: z.int().min(2, "at least 2 (OWASP's minimum for argon2id)").max(10).default(2),
  }),
  kms: section({
    ...kekPlace,
    second: z.strictObject(kekPlace).optional(),
    regions: z.record(regionName, z.strictObject(kekPlace)).default({}),
    nearest: z.union([z.literal('installation'), regionName]).optional(),
  }),
  audit: section({
    retention_days: z.int().min(1).max(36_500).default(365),
    retention_break_glass_days: z.int().min(2555, 'at least 2555 (seven years)').max(36_500).default(2555),
    export_format: z.enum(['json', 'jsonl', 'csv', 'splunk', 'ecs']).default('json'),
    pii_anonymization: z.boolean().default(true),
    sink_directory: text.optional(),
    witnesses: z.array(witness).max(16).default([]),
  }),
  rate_limit: section({
    per_minute: z.int().min(1).max(1_000_000).default(100),
    service_per_minute: z.int().min(1).max(1_000_000).default(6000),
    exempt: z.array(cidr).default([]),
    trusted_proxies: z.array(cidr).default([]),
  }),
  ssh: section({
    ttl_min: duration({ min: 1, max: 86_400 }).prefault('5m'),
    ttl_max: duration({ min: 1, max: 604_800 }).prefault('24h'),
    source_addresses: z.array(cidr).default([]),
    contact_timeout: duration({ min: 2, max: 15 }).prefault('8s'),
  }),
  tls: section({
    certificate: text.optional(),
    key: text.optional(),
    development: z.boolean({ error: 'true or false; GATEHOUSE_TLS=dev by the environment' }).default(false),
  }),
  http: section({
    hosts: z
      .array(
        z
          .string()
          .max(253)
          .refine(
            isHost,
            'a host name or address in its one form, without scheme and port, such as gatehouse.internal',
          ),
      )
      .max(100)
      .default([]),
  }),
  telemetry: section({
    endpoint: z
      .url({
        protocol: /^https?$/,
        error: 'the address of a collector that speaks OTLP over HTTP, such as http://127.0.0.1:4318',
      })
      .max(512)
      .optional(),
    sample_ratio: z.number().min(0).max(1).default(1),
    traces_per_second: z.int().min(1).max(10_000).default(50),
  }),
  outbound: section({ allowed: z.array(allowedPlace).optional() }),
  notify: section({
    smtp_url: z
      .url({
        protocol: /^smtps?$/,
        error: 'smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465',
      })
      .max(512)
      .optional(),
    from: text
      .regex(/^[^\r\n]*@[^\r\n]*$/, 'an address, such as gatehouse@example.org or "Gatehouse <gatehouse@example.org>"')
      .optional(),
    allow_plaintext_smtp: z.boolean().default(false),
  }),
})

type Read = z.output<typeof Settings>

/** True where the gateway speaks TLS itself. */
export const servesTls = ({ tls }: Pick<Read, 'tls'>): boolean =>
  tls.development || tls.certificate !== undefined || tls.key !== undefined

/** What is in force: what another setting decides is filled in. */
export type Settings = Read & { readonly mfa: Read['mfa'] & { readonly webauthn_rp_id: string } }

/** Fills in what follows from the address at which people reach the web. */
export function settingsInForce(read: Read, publicUrl: string): Settings {
  const { mfa } = read
  const host = hostOf(publicUrl)
  // browsers make no passkeys for addresses; the page of a loopback address is at localhost, too
  const followed = isLocal(host) && isIP(host) !== 0 ? 'localhost' : host
  return {
    ...read,
    mfa: {
      ...mfa,
      webauthn_rp_id: mfa.webauthn_rp_id ?? followed,
      webauthn_origins: mfa.webauthn_origins.length > 0 ? mfa.webauthn_origins : [publicUrl],
    },
  }
}
