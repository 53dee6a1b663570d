import { decodePosition, leaseSortKeys, Refusal, sortedPageOf, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { HandlersOf, Permit, Principal } from '@gatehouse/enforcement'
import { createLeaseFeed } from './lease-feed.ts'
import { listLeases, readLease, type LeaseRow } from './lease.queries.ts'
import { leaseLists } from './lease-lists.ts'
import { shownLease } from './lease-view.ts'
import type { LeaseHandlersDeps } from './lease-handlers-deps.ts'
import { showProof } from './prove-leases.ts'

/** Those that need more than leases. */
type OwnHandlers = 'lease.issue' | 'lease.prove' | 'lease.renew' | 'lease.revokeMany' | 'lease.unwrap' | 'lease.warn'

/**
 * The operations on leases. `lease.revoke` answers the lease as it then stands: when the host does not answer it is
 * still
 * `active`, with `lastError` and a time of its next try, because the credential still works. `ssh-key revoke` refuses
 * instead.
 */
export function leaseHandlers(deps: LeaseHandlersDeps): Omit<HandlersOf<'lease'>, OwnHandlers> {
  const { db, directory, hosts, leases } = deps
  const shown = (row: LeaseRow): Output<'lease.get'> => shownLease(deps, row)
  const feed = createLeaseFeed(deps)
  return {
    'lease.list': async (permit) => {
      const { first, after, search, sort = 'newest', ...filters } = permit.input
      const workspace = filters.workspace && (await directory.findWorkspaceId(db, filters.workspace))
      const host = filters.host && (await hosts.findHostId(db, filters.host))
      if (workspace === null || host === null) return { items: [], nextCursor: null }
      const rows = await listLeases(db, {
        scope: permit.scope,
        callerId: permit.principal.id,
        filters: { ...filters, workspace, host },
        first,
        after: decodePosition(after, sort),
        sort,
        search,
      })
      return sortedPageOf(rows.map(shown), first, { sort, keys: leaseSortKeys })
    },
    ...leaseLists(deps, shown),
    'lease.get': async (permit) => {
      const row = await readLease(db, permit.input.id)
      if (row === null) throw new Refusal('not-found')
      return shown(row)
    },
    'lease.revoke': async (permit) => shown((await leases.revoke(permit, permit.input)).lease),
    'lease.proof': showProof(deps),
    'lease.forceRevoke': async (permit) => {
      const { lease, failure } = await leases.forceRevoke(permit)
      if (failure === null) return { lease: shown(lease), mayWorkUntil: null, problem: null }
      return { lease: shown(lease), mayWorkUntil: lease.expires_at, problem: lease.last_error }
    },
    'lease.watch': (permit) => mapped(feed, permit, deps),
    'lease.expire': (permit) => leases.sweep(permit),
  }
}

function mapped(
  feed: ReturnType<typeof createLeaseFeed>,
  permit: Permit<'lease.watch'>,
  deps: LeaseHandlersDeps,
): AsyncIterable<Output<'lease.watch'>> {
  const { db, directory } = deps
  const { scope, principal, input } = permit
  return {
    [Symbol.asyncIterator]: () => {
      let inner: AsyncIterator<LeaseRow> | undefined
      let over = false
      const open = async (): Promise<AsyncIterator<LeaseRow>> => {
        const workspace =
          input.workspace === undefined ? null : await requireWorkspaceId(db, directory, input.workspace)
        const sees = (row: LeaseRow): boolean =>
          visible(row, scope, principal) && (workspace === null || row.workspace_id === workspace)
        return feed.watch(sees)[Symbol.asyncIterator]()
      }
      return {
        next: async () => {
          inner ??= await open()
          if (over) await inner.return?.() // it was closed while it was being opened
          const step = await inner.next()
          return step.done === true
            ? { done: true, value: undefined }
            : { done: false, value: shownLease(deps, step.value) }
        },
        return: async () => {
          over = true
          await inner?.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

async function requireWorkspaceId(
  db: Store,
  directory: LeaseHandlersDeps['directory'],
  reference: string,
): Promise<string> {
  const id = await directory.findWorkspaceId(db, reference)
  if (id === null) throw new Refusal('not-found')
  return id
}

const visible = (row: LeaseRow, scope: Permit<'lease.watch'>['scope'], principal: Principal): boolean =>
  scope.workspaces.includes(row.workspace_id) ||
  (scope.ownIn.includes(row.workspace_id) && row.principal_id === principal.id)
