import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Figures } from '../../ui/figures.tsx'
import { Moment } from '../../ui/moment.tsx'
import { counted } from '../../words.ts'
import { useAccess } from '../answer/use-access.tsx'
import { figuresOf } from './key-words.ts'

const askedEveryMs = 30_000

/** How keys stand as a whole, on how many hosts, and which ends next. */
export function KeyFigures(): JSX.Element {
  const access = useAccess()
  const loaded = createLoaded('sshKey.stats', () => (access.may('sshKey.stats') ? {} : null), { everyMs: askedEveryMs })
  return (
    <Show when={loaded.data()}>
      {(stats) => (
        <div class="row">
          <Figures label="How SSH keys stand" of={figuresOf(stats())} />
          <Show when={stats().deployed > 0}>
            <span class="muted">
              {counted(stats().hosts, 'host')} · next expiry <Moment at={stats().nextExpiry} none="none" />
            </span>
          </Show>
        </div>
      )}
    </Show>
  )
}
