import { awsLimits } from './backends/aws/aws-provider.ts'
import { postgresLimits } from './backends/postgres/postgres-provider.ts'
import { upcloudLimits } from './backends/upcloud/upcloud-provider.ts'
import { vaultLimits } from './backends/vault/vault-provider.ts'
import { revocationTerms, type RevocationTerms } from './lease-terms.ts'
import type { BackendLimits } from './secret-backend.ts'
import type { ProviderKind } from './secret-provider.ts'

/** What each kind allows. */
const limitsOf: { readonly [K in ProviderKind]: BackendLimits } = {
  postgres: postgresLimits,
  vault: vaultLimits,
  aws: awsLimits,
  upcloud: upcloudLimits,
}

/** Of a role of some kind, whose credentials live so long at most. */
export const roleRevocation = (role: {
  readonly kind: ProviderKind
  readonly ttl_seconds_max: number
}): RevocationTerms => revocationTerms(limitsOf[role.kind], role.ttl_seconds_max)
