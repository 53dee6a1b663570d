import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '@gatehouse/config'
import type { AuditSettings } from '@gatehouse/audit'
import { parseWitnessKey } from '@gatehouse/audit/verify'
import { parseVerifier, type NoteVerifier } from '@gatehouse/audit/verify'
import { secret } from '@gatehouse/contract'
import type { IdentityConfig, IdentityNeeds } from '@gatehouse/identity'
import type { SshSettings } from '@gatehouse/ssh'

/** The settings, as the domains have them. */
export interface DomainSettings {
  readonly identity: IdentityConfig
  readonly signingKey: IdentityNeeds['settings']['signingKey']
  readonly ssh: SshSettings
  readonly audit: AuditSettings
}

/** Reads what the settings say to each domain; certificates and keys that they name are read from their files. */
export const domainSettingsOf = (config: Config): DomainSettings => ({
  identity: identityConfigOf(config),
  signingKey: signingKeyOf(config),
  ssh: sshSettingsOf(config),
  audit: auditSettingsOf(config),
})

function identityConfigOf({ settings: { jwt, mfa, notify, password }, runtime }: Config): IdentityConfig {
  return {
    publicUrl: runtime.publicUrl,
    mail: notify.smtp_url !== undefined,
    jwt: {
      issuer: jwt.issuer,
      audience: jwt.audience,
      accessTokenTtlSeconds: jwt.access_token_ttl,
      refreshTokenTtlSeconds: jwt.refresh_token_ttl,
    },
    password: { memoryKib: password.memory_kib, passes: password.passes },
    mfa: {
      totpIssuer: mfa.totp_issuer,
      rateLimit: mfa.rate_limit,
      rateLimitWindowSeconds: mfa.rate_limit_window,
      stepUpMaxAgeSeconds: mfa.step_up_max_age,
      requiredRoles: mfa.required_roles,
      webauthnRpId: mfa.webauthn_rp_id,
      webauthnOrigins: mfa.webauthn_origins,
      webauthnAttestationRoots:
        mfa.webauthn_attestation_roots === undefined
          ? []
          : certificatesIn(resolve(runtime.root, mfa.webauthn_attestation_roots)),
    },
  }
}

/**
 * The certificates of a PEM file. Throws when one of them is none: roots that nobody can read would be noticed at the
 * first registration only.
 */
function certificatesIn(path: string): string[] {
  const found = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0)
    throw new TypeError(`there is no certificate in \`${path}\`, which [mfa] webauthn_attestation_roots names`)
  return found.map((pem) => new X509Certificate(pem).toString())
}

/** Who may sign policies. Throws for a key that is none: nothing would be taken, and nobody would know why. */
export const bundleKeysOf = ({ settings: { cedar } }: Config): readonly NoteVerifier[] =>
  cedar.bundle_keys.map((text) => {
    const key = parseVerifier(text)
    if (key === null) throw new TypeError(`[cedar] bundle_keys has \`${text}\`, which is no public key for bundles`)
    return key
  })

const auditSettingsOf = ({ settings: { audit }, runtime }: Config): AuditSettings => ({
  sinkDirectory: audit.sink_directory === undefined ? null : resolve(runtime.root, audit.sink_directory),
  retention: { days: audit.retention_days, breakGlassDays: audit.retention_break_glass_days },
  witnesses: audit.witnesses.map(witnessOf),
})

/** Throws when the key is none of a witness: one that can never sign would be noticed too late. */
function witnessOf(line: string): AuditSettings['witnesses'][number] {
  const [key = '', url = ''] = line.split(' ')
  const verifier = parseWitnessKey(key)
  if (verifier === null)
    throw new TypeError(`\`${key}\`, which [audit] witnesses names, is no verifier key of a witness (C2SP, type 4)`)
  return { verifier, url: url.replace(/\/$/, '') }
}

const sshSettingsOf = ({ settings: { ssh } }: Config): SshSettings => ({
  ttlSecondsMin: ssh.ttl_min,
  ttlSecondsMax: ssh.ttl_max,
  sourceAddresses: ssh.source_addresses,
  contactSeconds: ssh.contact_timeout,
})

function signingKeyOf({ jwtKeyFiles }: Config): DomainSettings['signingKey'] {
  if (jwtKeyFiles === null) return null
  return {
    privateKeyPem: secret(readFileSync(jwtKeyFiles.privateKey, 'utf8')),
    publicKeyPem: readFileSync(jwtKeyFiles.publicKey, 'utf8'),
  }
}
