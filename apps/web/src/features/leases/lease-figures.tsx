import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useAccess } from '../answer/use-access.tsx'
import { figuresOf } from './lease-words.ts'

const askedEveryMs = 30_000

/** How leases stand as a whole, before anything is clicked; each figure leads to the leases that it counts. */
export function LeaseFigures(): JSX.Element {
  const access = useAccess()
  const loaded = createLoaded('lease.stats', () => (access.may('lease.stats') ? {} : null), { everyMs: askedEveryMs })
  return (
    <Show when={loaded.data()}>
      {(stats) => (
        <ul class="lease-figures" aria-label="How leases stand">
          <For each={figuresOf(stats())}>
            {({ count, words, query, tone }) => (
              <li>
                <A href={`/access/leases${query}`} data-tone={tone} noScroll>
                  <strong>{count.toLocaleString('en-GB')}</strong> {words}
                </A>
              </li>
            )}
          </For>
        </ul>
      )}
    </Show>
  )
}
