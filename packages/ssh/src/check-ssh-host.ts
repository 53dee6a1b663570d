import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { hostRefusal } from './host-refusal.ts'
import { decidedHost } from './issue-terms.ts'
import type { SshDeps } from './ssh-deps.ts'
import { readHost } from './ssh-host.queries.ts'
import { hostView, toHost } from './ssh-view.ts'

/** Contacts a host and answers what that showed: not getting in is an answer here, not a refusal. */
export const checkSshHost =
  (deps: SshDeps): Handler<'sshHost.check'> =>
  async (permit) => {
    const { db, change, hosts } = deps
    const host = await decidedHost(db, permit)
    const failure = await hosts.probe(host.id).then(
      () => null,
      (error: unknown) => hostRefusal(error),
    )
    if (failure !== null && !(failure instanceof Refusal)) throw failure
    const row = await change(
      permit,
      (tx) => readHost(tx, host.id),
      () => ({ workspace: host.workspace_id, detail: { reachable: failure === null, refusal: failure?.code ?? null } }),
    )
    return toHost(row ?? host, await hostView(deps))
  }
