import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useAccess } from '../answer/use-access.tsx'

const askedEveryMs = 30_000
/** Beyond this the exact number says no more. */
const countedMax = 20

/** How many alerts nobody looks after, beside the place's name: for those who may. */
export function OpenAlerts(): JSX.Element {
  const access = useAccess()
  const open = createLoaded(
    'alert.list',
    () =>
      access.may('alert.list') && access.may('alert.acknowledge')
        ? { first: countedMax, state: 'open' as const }
        : null,
    { everyMs: askedEveryMs },
  )
  const count = (): number => open.data()?.items.length ?? 0
  return (
    <Show when={count() > 0}>
      <span class="badge">
        {count() === countedMax ? `${countedMax}+` : count()}
        <span class="visually-hidden"> open</span>
      </span>
    </Show>
  )
}
