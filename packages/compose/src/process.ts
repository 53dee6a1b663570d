import type { LogDocuments } from '@gatehouse/audit'
import { requireWorkable } from '@gatehouse/config'
import { createEnforcer, type Enforcer, type Limiter, type RowClock, type Sweep } from '@gatehouse/enforcement'
import type { Sampler } from '@gatehouse/kit/tracing'
import type { SigningKeys } from '@gatehouse/identity'
import type { PolicyEngine } from '@gatehouse/policy'
import type { Ssh } from '@gatehouse/ssh'
import { createClosers } from './closers.ts'
import { followLedgers } from './follow-ledgers.ts'
import { slices } from './domains.ts'
import type { Foundation } from './foundation.ts'
import { openDomains } from './open-domains.ts'
import { openKernel } from './open-kernel.ts'
import type { ProcessOptions } from './process-options.ts'

/** One process, put together: everything behind the enforcer, and what transports and loops hold on to. */
export interface Process<L extends Limiter = Limiter> {
  readonly enforcer: Enforcer
  readonly limiter: L
  readonly foundation: Foundation
  readonly signingKeys: SigningKeys
  readonly ssh: Pick<Ssh, 'documents'>
  /** What anybody may read of the audit log. */
  readonly log: LogDocuments
  /** What comes due in rows. */
  readonly sweeps: readonly Sweep[]
  /** Rows that have a workflow each. */
  readonly clocks: readonly RowClock[]
  readonly policy: PolicyEngine
  /** Which requests are recorded as traces. */
  readonly sampler: Sampler
  /** What Prometheus reads of this process. */
  metrics(): Promise<string>
  /** Sends the audit log on to its sinks, and its checkpoints to witnesses, until it is closed. */
  readonly startDelivery: () => { close(): Promise<void> }
  close(): Promise<void>
}

/** Opens kernel, domains and enforcer. Whatever is open is closed when a later part fails. */
export async function composeProcess<L extends Limiter>(options: ProcessOptions<L>): Promise<Process<L>> {
  requireWorkable(options.config)
  const closers = createClosers()
  try {
    const { kernel, foundation, trail, workflows, metrics, sampler } = await openKernel(options, closers)
    const { opened, handlers, sweeps, clocks, gauges, people } = await openDomains(kernel, workflows)
    await followLedgers(options, { kernel, people, closers })
    closers.keep(opened.alerts.startDelivery(), (part) => part.close())
    const { db, clock, policy } = kernel
    const limiter = options.limiter(clock)
    const enforcer = createEnforcer({
      handlers,
      authenticator: opened.identity.authenticator,
      limiter,
      slices,
      workspaces: kernel.workspaces,
      db,
      decider: metrics.decider(policy.decider),
      trail,
      clock,
      stepUpMaxAgeSeconds: options.config.settings.mfa.step_up_max_age,
      service: options.service,
      onFault: options.onFault,
    })
    const { signingKeys } = opened.identity
    const { startDelivery } = opened.audit
    return {
      enforcer,
      limiter,
      foundation,
      signingKeys,
      ssh: opened.ssh,
      log: opened.audit.documents,
      sweeps,
      clocks,
      policy,
      sampler,
      metrics: () => metrics.text(gauges, clock.now()),
      startDelivery,
      close: () => closers.close(),
    }
  } catch (error) {
    await closers.close()
    throw error
  }
}
