import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Figures } from '../../ui/figures.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { figuresOf } from './lease-words.ts'

const askedEveryMs = 30_000

/** How leases stand as a whole. */
export function LeaseFigures(): JSX.Element {
  const access = useAccess()
  const loaded = createLoaded('lease.stats', () => (access.may('lease.stats') ? {} : null), { everyMs: askedEveryMs })
  return <Show when={loaded.data()}>{(stats) => <Figures label="How leases stand" of={figuresOf(stats())} />}</Show>
}
