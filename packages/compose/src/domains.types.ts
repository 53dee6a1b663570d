import type { Handlers, Domain, OpenDomain, Slices, TableCares, Together } from '@gatehouse/enforcement'
import type { Schema, Store } from '@gatehouse/database'
import type { Backends, RevocableBackend } from '@gatehouse/secrets'
import type { domains, Scheduled } from './domains.ts'
import type { Kernel, Ports } from './kernel.ts'

/*
 * Type tests: each `@ts-expect-error` below is a domain with a missing part. The type check fails when one of them
 * compiles. Nothing of this file runs.
 */

/** The database with one table more, that nobody has answered for yet. */
interface GrownSchema extends Schema {
  siren: { readonly id: string; readonly owned_by: string }
}

type NewDomain = Domain<Store, GrownSchema, Kernel, Ports, RevocableBackend>
type NewOpenDomain = OpenDomain<Ports, RevocableBackend>

declare const add: (domain: NewDomain) => void
declare const open: (domain: NewOpenDomain) => void
declare const whole: NewDomain
declare const wholeOpen: NewOpenDomain

add(whole)
open(wholeOpen)

// every part of a domain has to be answered
declare const without: <K extends keyof NewDomain>(part: K) => Omit<NewDomain, K>
// @ts-expect-error a domain that does not say how its resources are loaded
add(without('slices'))
// @ts-expect-error a domain that does not say which of its resources others are made under
add(without('parents'))
// @ts-expect-error a domain that does not say what of it runs by the clock
add(without('schedules'))
// @ts-expect-error a domain that does not answer for its tables
add(without('tables'))
// @ts-expect-error a domain that does not say what it alerts of
add(without('alerts'))
// @ts-expect-error a domain that nobody can open
add(without('open'))

declare const openWithout: <K extends keyof NewOpenDomain>(part: K) => Omit<NewOpenDomain, K>
// @ts-expect-error an open domain that does not say what adapters of leases it has
open(openWithout('backends'))
// @ts-expect-error an open domain without handlers
open(openWithout('handlers'))
// @ts-expect-error an open domain that does not say what comes due in its rows
open(openWithout('sweeps'))
// @ts-expect-error an open domain that tells the status nothing, not even that
open(openWithout('status'))
// @ts-expect-error an open domain that tells the dashboard nothing, not even that
open(openWithout('figures'))

// @ts-expect-error a domain that needs more than any process has
add({ ...whole, open: (_needs: Kernel & { readonly siren: () => void }) => Promise.resolve(wholeOpen) })
// @ts-expect-error a domain that asks the others for what none of them has
open({ ...wholeOpen, handlers: (_ports: Ports & { readonly siren: () => void }) => ({}) })

// a table's owner says how its rows leave it, and what of a person stands in it
add({ ...whole, tables: { siren: { rows: 'kept', personal: ['owned_by'] } } })
// @ts-expect-error a table of which nobody says how its rows leave it
add({ ...whole, tables: { siren: { personal: ['owned_by'] } } })
// @ts-expect-error a table that is pruned by nothing
add({ ...whole, tables: { siren: { rows: 'pruned', personal: ['owned_by'] } } })
// @ts-expect-error a table of which nobody says what of a person stands in it
add({ ...whole, tables: { siren: { rows: 'kept' } } })
// @ts-expect-error personal data in a column that is not there
add({ ...whole, tables: { siren: { rows: 'kept', personal: ['owned_at'] } } })

// a backend can be swept and marked, and has a budget for it (`sweepBudgets`, total as `Backends` is)
declare const adapter: RevocableBackend
declare const adapterWithout: <K extends keyof RevocableBackend>(part: K) => Omit<RevocableBackend, K>
open({ ...wholeOpen, backends: { siren: adapter } })
// @ts-expect-error a backend whose credentials nobody can take away
open({ ...wholeOpen, backends: { siren: adapterWithout('revoke') } })
// @ts-expect-error a backend whose own rows do not follow its leases
open({ ...wholeOpen, backends: { siren: adapterWithout('mark') } })

// what the folds of all domains must be total over
declare const expectTables: (all: TableCares<GrownSchema, keyof GrownSchema, Scheduled>) => void
declare const expectSlices: (all: Slices<Store>) => void
declare const expectHandlers: (all: Handlers) => void
declare const expectBackends: (all: Backends) => void
type Domains = typeof domains
type Others<K extends keyof Domains> = Domains[Exclude<keyof Domains, K>]
declare const tablesOfAll: Together<Domains[keyof Domains]['tables']>
declare const slicesWithoutSsh: Together<Others<'ssh'>['slices']>
declare const handlersWithoutSsh: Together<ReturnType<Awaited<ReturnType<Others<'ssh'>['open']>>['handlers']>>
declare const backendsWithoutSsh: Together<Awaited<ReturnType<Others<'ssh'>['open']>>['backends']>

expectTables({ ...tablesOfAll, siren: { rows: 'kept', personal: [] } })
// @ts-expect-error a table that no domain owns
expectTables(tablesOfAll)
// @ts-expect-error a table that is pruned by what no schedule runs
expectTables({ ...tablesOfAll, siren: { rows: 'pruned', by: 'lease.expire', personal: [] } })
// @ts-expect-error a type of resource that no domain loads
expectSlices(slicesWithoutSsh)
// @ts-expect-error an operation that no domain answers
expectHandlers(handlersWithoutSsh)
// @ts-expect-error a backend without an adapter
expectBackends(backendsWithoutSsh)
