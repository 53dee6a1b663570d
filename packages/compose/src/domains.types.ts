import type { Schema, Store } from '@gatehouse/database'
import type { Domain, Slices, TableCares } from '@gatehouse/enforcement'
import { domains } from './domains.ts'

/*
 * Type tests: each `@ts-expect-error` below is a domain with a missing part. The type check fails when one of them
 * compiles.
 */

/** The database with one table more, that nobody has answered for yet. */
interface GrownSchema extends Schema {
  incident: { readonly id: string; readonly opened_by: string }
}

// @ts-expect-error a domain that does not say what of it runs by the clock
const withoutSchedules: Domain<Store, GrownSchema> = { slices: {}, tables: {} }

// @ts-expect-error a domain that does not answer for its tables
const withoutTables: Domain<Store, GrownSchema> = { slices: {}, schedules: [] }

const withoutPrune: Domain<Store, GrownSchema> = {
  slices: {},
  schedules: [],
  // @ts-expect-error a table of which nobody says how its rows leave it
  tables: { incident: { personal: ['opened_by'] } },
}

const withoutPersonalData: Domain<Store, GrownSchema> = {
  slices: {},
  schedules: [],
  // @ts-expect-error a table of which nobody says what of a person stands in it
  tables: { incident: { rows: 'kept' } },
}

const withUnknownColumn: Domain<Store, GrownSchema> = {
  slices: {},
  schedules: [],
  // @ts-expect-error personal data in a column that is not there
  tables: { incident: { rows: 'kept', personal: ['opened_at'] } },
}

// @ts-expect-error a table that no domain owns
const ownerless: TableCares<GrownSchema, keyof GrownSchema> = {
  ...domains.audit.tables,
  ...domains.compose.tables,
  ...domains.identity.tables,
  ...domains.keys.tables,
  ...domains.policy.tables,
  ...domains.secrets.tables,
  ...domains.ssh.tables,
}

// @ts-expect-error a type of resource that no domain loads
const unloaded: Slices<Store> = { ...domains.audit.slices, ...domains.compose.slices, ...domains.identity.slices }

void [withoutSchedules, withoutTables, withoutPrune, withoutPersonalData, withUnknownColumn, ownerless, unloaded]
