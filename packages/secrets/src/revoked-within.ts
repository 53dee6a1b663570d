import { awsLimits } from './backends/aws/aws-provider.ts'
import { postgresLimits } from './backends/postgres/postgres-provider.ts'
import { upcloudLimits } from './backends/upcloud/upcloud-provider.ts'
import { vaultLimits } from './backends/vault/vault-provider.ts'
import type { BackendLimits } from './secret-backend.ts'
import type { ProviderKind } from './secret-provider.ts'

/** What each kind allows. */
const limitsOf: { readonly [K in ProviderKind]: BackendLimits } = {
  postgres: postgresLimits,
  vault: vaultLimits,
  aws: awsLimits,
  upcloud: upcloudLimits,
}

/** What of a role's credentials holds once they are revoked. */
export interface RevocationTerms {
  readonly revocability: BackendLimits['revocation']
  /** So long they may still work. */
  readonly revokedWithinSeconds: number
}

/** Of a role of some kind, whose credentials live so long at most. */
export function revocationTerms(role: {
  readonly kind: ProviderKind
  readonly ttl_seconds_max: number
}): RevocationTerms {
  const { revocation, deniesWithinSeconds } = limitsOf[role.kind]
  if (revocation === 'deletes') return { revocability: revocation, revokedWithinSeconds: 0 }
  const within = revocation === 'denies' ? (deniesWithinSeconds ?? role.ttl_seconds_max) : role.ttl_seconds_max
  return { revocability: revocation, revokedWithinSeconds: Math.min(within, role.ttl_seconds_max) }
}
