import { secret } from '@gatehouse/contract'
import { listenTo } from '@gatehouse/database'
import type { Sweep } from '@gatehouse/enforcement'
import { createSmtpMailer } from '@gatehouse/identity'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { startDomain, type DomainCalls, type DomainProcess } from '@gatehouse/testkit/domain-system'
import { alertsDomain, createRaiseAlert, type AlertsNeeds, type RaiseAlert, type RaisedAlert } from '../src/index.ts'

export { personOf } from '@gatehouse/testkit/domain-system'

/** Alerts over a database of their own: real rows, real audit log, a clock in the hand; every call is allowed. */
export interface AlertSystem extends Omit<DomainProcess, 'serve'>, DomainCalls {
  readonly needs: AlertsNeeds
  readonly sweep: Sweep
  readonly raiseAlert: RaiseAlert
  /** Raises in a transaction of its own. */
  raise(...alert: Tail<Parameters<RaiseAlert>>): Promise<RaisedAlert>
  /** Everything that stands in the audit log and in the rows of alerts, as text: where a secret would be seen. */
  everything(): Promise<string>
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never

export interface AlertSystemOptions {
  /** Addresses of names, which the tests' receivers go by. */
  readonly resolve: (name: string) => Promise<readonly string[]>
  /** Places that the gate lets through although they are this machine's. */
  readonly allowed: readonly string[]
  readonly smtpUrl: string
}

/** What alerts are opened with in a process of these tests. */
export const needsOf = (
  { node, db, clock, random, sealer, change }: DomainProcess,
  { resolve, allowed, smtpUrl }: AlertSystemOptions,
): AlertsNeeds => ({
  db,
  clock,
  random,
  sealer,
  change,
  raiseAlert: createRaiseAlert({ clock, random, change, quietMinutes: () => Promise.resolve(60) }),
  outbound: createOutbound({
    allowed: allowed.flatMap((place) => parseAllowedPlace(place) ?? []),
    ownPorts: [],
    resolve,
  }),
  listen: (listening) => listenTo(node.url, listening),
  mailer: createSmtpMailer({
    url: secret(smtpUrl),
    from: 'gatehouse@example.org',
    domain: 'gatehouse.test',
    allowPlaintext: true,
  }),
  publicUrl: 'https://gatehouse.test',
  onError: (_part, error) => console.error(error),
})

/** Starts it. */
export async function startAlertSystem(options: AlertSystemOptions): Promise<AlertSystem> {
  const started = await startDomain()
  const needs = needsOf(started, options)
  const domain = await alertsDomain.open(needs)
  const [sweep] = domain.sweeps()
  if (sweep === undefined) throw new TypeError('alerts are swept')
  const { db } = started
  return {
    ...started,
    ...started.serve(domain.handlers()),
    needs,
    sweep,
    raiseAlert: needs.raiseAlert,
    raise: (alert) => db.transaction().execute((tx) => needs.raiseAlert(tx, alert)),
    everything: async () =>
      JSON.stringify([
        await db.selectFrom('audit_entry').select('entry').execute(),
        await db.selectFrom('alert').selectAll().execute(),
        await db.selectFrom('alert_channel').selectAll().execute(),
        await db.selectFrom('alert_delivery').selectAll().execute(),
      ]),
  }
}
