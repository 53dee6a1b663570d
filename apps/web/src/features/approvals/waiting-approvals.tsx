import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { useAccess } from '../answer/use-access.tsx'

const askedEveryMs = 30_000
/** Beyond this the exact number says no more. */
const countedMax = 20

/** How many requests of others wait, beside the place's name: for those who may judge them. */
export function WaitingApprovals(): JSX.Element {
  const access = useAccess()
  const session = useSession()
  const pending = createLoaded(
    'approval.list',
    () =>
      access.may('approval.list') && access.may('approval.approve')
        ? { first: countedMax, state: 'pending' as const }
        : null,
    { everyMs: askedEveryMs },
  )
  const items = () => pending.data()?.items ?? []
  const count = (): number => items().filter(({ requester }) => requester !== session.me()?.id).length
  return (
    <Show when={count() > 0}>
      <span class="badge">
        {items().length === countedMax ? `${count()}+` : count()}
        <span class="visually-hidden"> waiting</span>
      </span>
    </Show>
  )
}
