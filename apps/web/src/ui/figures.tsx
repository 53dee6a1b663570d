import { A } from '@solidjs/router'
import { For, type JSX } from 'solid-js'
import './figures.css'

/** A number, what it counts, and the list that it leads to. */
export interface Figure {
  readonly count: number
  readonly words: string
  readonly href: string
  /** `bad`: somebody has to act. */
  readonly tone: 'calm' | 'bad'
}

/** How things stand as a whole, before anything is clicked; each figure leads to what it counts. */
export function Figures(props: { label: string; of: readonly Figure[] }): JSX.Element {
  return (
    <ul class="counts" aria-label={props.label}>
      <For each={props.of}>
        {({ count, words, href, tone }) => (
          <li>
            <A href={href} data-tone={tone} noScroll>
              <strong>{count.toLocaleString('en-GB')}</strong> {words}
            </A>
          </li>
        )}
      </For>
    </ul>
  )
}
