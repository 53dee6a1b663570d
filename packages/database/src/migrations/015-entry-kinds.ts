import { sql, type Kysely } from 'kysely'

/** What was a read, and what an event, when entries did not say so themselves (format 1). Never to be changed. */
export const formatOneReads = [
  'auth.whoami session.list mfa.status authenticator.list user.list user.get team.list team.get',
  'workspace.list workspace.get backupCode.status role.list serviceAccount.list serviceAccount.get',
  'apiToken.list apiToken.get approval.list approval.get settings.get notification.list system.dashboard',
  'signingKey.list revocation.stats lease.list lease.get lease.watch sshHost.list sshHost.get',
  'sshKey.list sshKey.get sshCertificate.list sshCa.get sshKrl.get audit.search audit.get audit.verify',
  'audit.checkpoint policy.list policy.status system.version system.status',
].flatMap((line) => line.split(' '))

export const formatOneEvents = [
  'lease.expired lease.revocationFailed lease.irrevocable refreshToken.reused authenticator.suspected',
  'policy.reloaded policy.reloadRefused audit.intentClosed refusals.aggregated admin.initialised admin.recovered',
].flatMap((line) => line.split(' '))

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

/** The kind of a format-1 entry, from what it says of itself. */
export const kindOfFormatOne = (entry: string): string => `case
  when ${entry} #>> '{outcome}' = 'refused' then 'refusal'
  when ${entry} #>> '{action}' in (${listed(formatOneReads)})
    then case when ${entry} #>> '{outcome}' = 'failed' then 'refusal' else 'read' end
  when ${entry} #>> '{action}' in (${listed(formatOneEvents)}) then 'event'
  else 'change' end`

/**
 * What kind of thing an entry tells, to search by: almost all of the audit log is reads, and almost nobody looks for
 * those, so the rest has an index of its own.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_entry add column kind text collate "C"
      generated always as (coalesce((entry::json) #>> '{kind}', ${kindOfFormatOne('(entry::json)')})) stored;
    create index audit_entry_not_read on audit_entry (at desc, id desc) where kind <> 'read';
  `)
    .execute(db)
}
