import { sql, type RawBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import { keepMilliseconds } from './keep-milliseconds.ts'
import { migrationLimits, runAfterMigrations, runMigrations } from './run-migrations.ts'
import { openStore, type Store } from './store.ts'
import * as kernel from './migrations/001-kernel.ts'
import * as identity from './migrations/002-identity.ts'
import * as access from './migrations/003-access.ts'
import * as mfa from './migrations/005-mfa.ts'
import * as tokens from './migrations/006-tokens.ts'
import * as governance from './migrations/007-governance.ts'
import * as services from './migrations/009-services.ts'
import * as oauth from './migrations/010-oauth.ts'
import * as people from './migrations/011-people.ts'
import * as webauthn from './migrations/008-webauthn.ts'
import * as guessing from './migrations/012-guessing.ts'
import * as stepUpInBrowser from './migrations/013-step-up-in-browser.ts'
import * as boundHosts from './migrations/014-bound-hosts.ts'
import * as entryKinds from './migrations/015-entry-kinds.ts'
import * as listOrder from './migrations/016-list-order.ts'
import * as dueLeases from './migrations/017-due-leases.ts'
import * as lostAnswers from './migrations/018-lost-answers.ts'
import * as backupFlags from './migrations/019-backup-flags.ts'
import * as oldCheckpoints from './migrations/020-old-checkpoints.ts'
import * as hostRounds from './migrations/021-host-rounds.ts'
import * as sealedPeople from './migrations/022-sealed-people.ts'
import * as searchIndexes from './migrations/023-search-indexes.ts'
import * as auditViews from './migrations/024-audit-views.ts'
import * as workspaces from './migrations/025-workspaces.ts'
import * as auditExports from './migrations/026-audit-exports.ts'
import * as approvals from './migrations/027-approvals.ts'
import * as recordedDecisions from './migrations/028-recorded-decisions.ts'
import * as treeNodes from './migrations/029-tree-nodes.ts'
import * as policyPublications from './migrations/030-policy-publications.ts'
import * as auditSinks from './migrations/031-audit-sinks.ts'
import * as policyShadow from './migrations/032-policy-shadow.ts'
import * as auditWitnesses from './migrations/033-audit-witnesses.ts'
import * as auditRetention from './migrations/034-audit-retention.ts'
import * as appendOnce from './migrations/036-append-once.ts'
import * as redactedTexts from './migrations/041-redacted-texts.ts'
import * as requiredSinks from './migrations/042-required-sinks.ts'
import * as hostsOfLeases from './migrations/043-hosts-of-leases.ts'
import * as alerts from './migrations/050-alerts.ts'
import * as alertWindows from './migrations/051-alert-windows.ts'
import * as breakGlass from './migrations/056-break-glass.ts'
import * as gifts from './migrations/057-gifts.ts'
import * as incidents from './migrations/060-incidents.ts'
import * as overdueReviews from './migrations/061-overdue-reviews.ts'
import * as incidentOfRequest from './migrations/065-incident-of-request.ts'
import * as drills from './migrations/066-drills.ts'
import * as channelsSwitchedOff from './migrations/069-channels-switched-off.ts'
import * as livingEmergencies from './migrations/071-living-emergencies.ts'
import * as votesWithoutAddresses from './migrations/072-votes-without-addresses.ts'
import * as kmsKeys from './migrations/081-kms-keys.ts'
import * as emergenciesOver from './migrations/087-emergencies-over.ts'
import * as dataKeyWraps from './migrations/089-data-key-wraps.ts'
import * as settledVersions from './migrations/090-settled-versions.ts'
import * as kmsRegions from './migrations/094-kms-regions.ts'
import * as secretBackends from './migrations/097-secret-backends.ts'
import * as renewals from './migrations/098-renewals.ts'
import * as handlesOfCredentials from './migrations/101-handles-of-credentials.ts'
import * as sshOtps from './migrations/105-ssh-otps.ts'
import * as liveRevocationLists from './migrations/107-live-revocation-lists.ts'
import * as hostCertificates from './migrations/108-host-certificates.ts'
import * as rotatedCas from './migrations/109-rotated-cas.ts'
import * as leaseProofs from './migrations/110-lease-proofs.ts'
import * as locks from './migrations/111-locks.ts'
import * as wrappedCredentials from './migrations/112-wrapped-credentials.ts'
import * as toldEndsOfLeases from './migrations/113-told-ends-of-leases.ts'
import * as vaultAuthorities from './migrations/114-vault-authorities.ts'
import * as witnessesOfDeath from './migrations/115-witnesses-of-death.ts'
import * as placedEntries from './migrations/117-placed-entries.ts'
import * as formerHostKeys from './migrations/119-former-host-keys.ts'
import * as sealedForASession from './migrations/121-sealed-for-a-session.ts'
import * as tokensOfVaultAuthorities from './migrations/128-tokens-of-vault-authorities.ts'
import * as leaseViews from './migrations/129-lease-views.ts'
import * as entriesLookedUpFirst from './migrations/136-entries-looked-up-first.ts'
import * as callersLookedAtNow from './migrations/140-callers-looked-at-now.ts'
import * as newEntries from './migrations/143-new-entries.ts'
import * as entriesPlacedInOrder from './migrations/150-entries-placed-in-order.ts'
import * as valuesWaitWithTheirEntry from './migrations/151-values-wait-with-their-entry.ts'
import * as nothingHoldsUpTheQueue from './migrations/152-nothing-holds-up-the-queue.ts'
import * as versionsOfCallers from './migrations/153-versions-of-callers.ts'
import * as loneEntriesByAView from './migrations/154-lone-entries-by-a-view.ts'
import * as whoIsMovedInOrder from './migrations/155-who-is-moved-in-order.ts'
import * as longTextsHoldUpNothing from './migrations/156-long-texts-hold-up-nothing.ts'
import * as timesThatAreNone from './migrations/157-times-that-are-none.ts'
import * as listsOfApprovals from './migrations/158-lists-of-approvals.ts'
import * as urlsOfSinksInBytes from './migrations/159-urls-of-sinks-in-bytes.ts'

/** By number; a number once given out is never used again. */
const migrations: Record<string, Migration> = {
  '001-kernel': kernel,
  '002-identity': identity,
  '003-access': access,
  '005-mfa': mfa,
  '006-tokens': tokens,
  '007-governance': governance,
  '008-webauthn': webauthn,
  '009-services': services,
  '010-oauth': oauth,
  '011-people': people,
  '012-guessing': guessing,
  '013-step-up-in-browser': stepUpInBrowser,
  '014-bound-hosts': boundHosts,
  '015-entry-kinds': entryKinds,
  '016-list-order': listOrder,
  '017-due-leases': dueLeases,
  '018-lost-answers': lostAnswers,
  '019-backup-flags': backupFlags,
  '020-old-checkpoints': oldCheckpoints,
  '021-host-rounds': hostRounds,
  '022-sealed-people': sealedPeople,
  '023-search-indexes': searchIndexes,
  '024-audit-views': auditViews,
  '025-workspaces': workspaces,
  '026-audit-exports': auditExports,
  '027-approvals': approvals,
  '028-recorded-decisions': recordedDecisions,
  '029-tree-nodes': treeNodes,
  '030-policy-publications': policyPublications,
  '031-audit-sinks': auditSinks,
  '032-policy-shadow': policyShadow,
  '033-audit-witnesses': auditWitnesses,
  '034-audit-retention': auditRetention,
  '036-append-once': appendOnce,
  '041-redacted-texts': redactedTexts,
  '042-required-sinks': requiredSinks,
  '043-hosts-of-leases': hostsOfLeases,
  '050-alerts': alerts,
  '051-alert-windows': alertWindows,
  '056-break-glass': breakGlass,
  '057-gifts': gifts,
  '060-incidents': incidents,
  '061-overdue-reviews': overdueReviews,
  '065-incident-of-request': incidentOfRequest,
  '066-drills': drills,
  '069-channels-switched-off': channelsSwitchedOff,
  '071-living-emergencies': livingEmergencies,
  '072-votes-without-addresses': votesWithoutAddresses,
  '081-kms-keys': kmsKeys,
  '087-emergencies-over': emergenciesOver,
  '089-data-key-wraps': dataKeyWraps,
  '090-settled-versions': settledVersions,
  '094-kms-regions': kmsRegions,
  '097-secret-backends': secretBackends,
  '098-renewals': renewals,
  '101-handles-of-credentials': handlesOfCredentials,
  '105-ssh-otps': sshOtps,
  '107-live-revocation-lists': liveRevocationLists,
  '108-host-certificates': hostCertificates,
  '109-rotated-cas': rotatedCas,
  '110-lease-proofs': leaseProofs,
  '111-locks': locks,
  '112-wrapped-credentials': wrappedCredentials,
  '113-told-ends-of-leases': toldEndsOfLeases,
  '114-vault-authorities': vaultAuthorities,
  '115-witnesses-of-death': witnessesOfDeath,
  '117-placed-entries': placedEntries,
  '119-former-host-keys': formerHostKeys,
  '121-sealed-for-a-session': sealedForASession,
  '128-tokens-of-vault-authorities': tokensOfVaultAuthorities,
  '129-lease-views': leaseViews,
  '136-entries-looked-up-first': entriesLookedUpFirst,
  '140-callers-looked-at-now': callersLookedAtNow,
  '143-new-entries': newEntries,
  '150-entries-placed-in-order': entriesPlacedInOrder,
  '151-values-wait-with-their-entry': valuesWaitWithTheirEntry,
  '152-nothing-holds-up-the-queue': nothingHoldsUpTheQueue,
  '153-versions-of-callers': versionsOfCallers,
  '154-lone-entries-by-a-view': loneEntriesByAView,
  '155-who-is-moved-in-order': whoIsMovedInOrder,
  '156-long-texts-hold-up-nothing': longTextsHoldUpNothing,
  '157-times-that-are-none': timesThatAreNone,
  '158-lists-of-approvals': listsOfApprovals,
  '159-urls-of-sinks-in-bytes': urlsOfSinksInBytes,
}

/**
 * What the runtime login may add to and never change: erasures, the key that everything else is sealed under, the
 * policies that decided, and what was asked for and voted on in an emergency.
 */
const insertOnly = ['audit_erasure', 'data_key', 'policy_set', 'break_glass_version', 'break_glass_vote']
/** What may be erased but not reworded. */
const insertAndDeleteOnly = ['audit_personal', 'audit_personal_clear', 'audit_mention', 'audit_subject_key']
/** What only the sequencer's role writes. */
const sequencerOnly = ['audit_leaf', 'audit_checkpoint', 'audit_node']

/** The sequencer's role: no login, entered by `SET ROLE` on its reserved connection. */
export const sequencerRole = 'gatehouse_sequencer'

/**
 * Brings the database to today's shape and gives the runtime login its rights. Safe to run twice, from two nodes at
 * once (Kysely's migrator holds an advisory lock), and beside processes of the version before: what they are in the way
 * of is tried again. Throws with what to do where they are in the way for a minute; the database is then as it was
 * before the migration that the error names.
 */
export async function migrate(adminUrl: string, runtimeUrl: string): Promise<void> {
  const admin = openStore(adminUrl, { size: 1, name: 'gatehouse-migrate', statements: 'long' })
  try {
    await runMigrations(admin, migrations, migrationLimits)
    await runAfterMigrations(admin, migrationLimits, keepMilliseconds)
    await runAfterMigrations(admin, migrationLimits, (tx) => grant(tx, new URL(runtimeUrl)))
  } finally {
    await admin.destroy()
  }
}

async function grant(tx: Store, runtime: URL): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-grants'))`.execute(tx)
  const login = decodeURIComponent(runtime.username)
  await createRoles(tx, login, decodeURIComponent(runtime.password))
  const name = sql.id(login)
  const role = sql.id(sequencerRole)
  await sql`grant usage on schema public to ${name}, ${role}`.execute(tx)
  await sql`grant select, insert, update, delete on all tables in schema public to ${name}`.execute(tx)
  for (const table of insertOnly)
    await sql`revoke update, delete, truncate on ${sql.table(table)} from ${name}`.execute(tx)
  for (const table of insertAndDeleteOnly)
    await sql`revoke update, truncate on ${sql.table(table)} from ${name}`.execute(tx)
  for (const table of sequencerOnly)
    await sql`revoke insert, update, delete, truncate on ${sql.table(table)} from ${name}`.execute(tx)
  // these alone keep entries, and `audit_place` alone gives them their places and what they are searched by
  const entries = sql`audit_entry, audit_waiting, audit_placed, audit_pending, audit_waiting_part, audit_kept_part`
  await sql`revoke insert, update, delete, truncate on ${entries} from ${name}`.execute(tx)
  await sql`revoke all on audit_intake from ${name}`.execute(tx)
  await sql`grant insert on audit_intake to ${name}`.execute(tx)
  const keeping = sql`audit_keep, audit_keep_one, audit_append, audit_append_new, audit_lock_parts`
  await sql`grant execute on function ${keeping} to ${name}`.execute(tx)
  await sql`grant execute on function audit_place to ${role}`.execute(tx)
  await sql`grant select on audit_leaf, audit_pending to ${role}`.execute(tx)
  await sql`grant select, insert on audit_checkpoint, audit_node to ${role}`.execute(tx)
  await letVacuum(tx, role)
  await sql`grant execute on function audit_prune_checkpoints(integer) to ${role}`.execute(tx)
  await sql`grant execute on function audit_over(uuid[], integer, integer), audit_remove(uuid[]) to ${name}`.execute(tx)
  await sql`grant execute on function break_glass_remove(integer) to ${name}`.execute(tx)
  // without `inherit false` a login made by somebody else would hold the sequencer's rights on every connection
  await sql`grant ${role} to ${name} with inherit false, set true`.execute(tx)
}

/** Who empties the queue clears it away as well; before version 17 only its owner can, which does so by itself. */
async function letVacuum(tx: Store, role: RawBuilder<unknown>): Promise<void> {
  const { rows } = await sql<{ version: number }>`
    select current_setting('server_version_num')::int as version`.execute(tx)
  if ((rows[0]?.version ?? 0) >= 170_000) await sql`grant maintain on audit_pending to ${role}`.execute(tx)
}

async function createRoles(tx: Store, login: string, password: string): Promise<void> {
  const { rows } = await sql<{
    rolname: string
  }>`select rolname from pg_roles where rolname in (${login}, ${sequencerRole})`.execute(tx)
  const known = new Set(rows.map((row) => row.rolname))
  if (!known.has(sequencerRole)) await sql`create role ${sql.id(sequencerRole)} nologin`.execute(tx)
  if (!known.has(login))
    await sql`create role ${sql.id(login)} login noinherit password ${sql.lit(password)}`.execute(tx)
}

/** Throws when the login owns our tables: the runtime must not be able to rewrite the audit log. */
export async function refuseOwner(db: Store): Promise<void> {
  const { rows } = await sql<{ owns: boolean }>`
    select exists (
      select from pg_tables where schemaname = 'public' and tablename = 'audit_placed'
        and pg_has_role(current_user, tableowner, 'member')
    ) as owns`.execute(db)
  if (rows[0]?.owns === true)
    throw new Error(
      'DATABASE_URL is the owner of the tables; ' +
        'give the runtime a login of its own, so that nobody can rewrite the audit log through it',
    )
}
