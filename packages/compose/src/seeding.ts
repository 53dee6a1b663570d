import { createChange, createLedger, openSubjectKeys } from '@gatehouse/audit'
import type { Config } from '@gatehouse/config'
import type { Decider } from '@gatehouse/enforcement'
import type { SeedDeps } from '@gatehouse/identity'
import { domainSettingsOf } from './domain-settings.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import { parents, slices } from './domains.ts'

/** Nothing is decided while seeding: only events are recorded, which have no caller. */
const denying: Decider = { decide: () => ({ effect: 'deny', policies: [], version: 'none' }), version: () => 'none' }

/**
 * What commands on the server's own machine (`seed`, `admin …`) work with: no policies, no Temporal, but the audit log.
 */
export async function withSeeding<T>(
  config: Config,
  work: (deps: SeedDeps, foundation: Foundation) => Promise<T>,
): Promise<T> {
  const foundation = await openFoundation(config, { name: 'gatehouse-command' })
  try {
    const { db, clock, random, sealer } = foundation
    const service = { type: 'Service', id: 'console', name: 'console', bound: true } as const
    const change = createChange({
      db,
      slices,
      parents,
      decider: denying,
      clock,
      random,
      ledger: createLedger(),
      subjectKeys: await openSubjectKeys({ db, sealer, random, service }),
      service,
    })
    const passwordCost = domainSettingsOf(config).identity.password
    return await work({ db, sealer, clock, random, change, passwordCost }, foundation)
  } finally {
    await foundation.close()
  }
}
