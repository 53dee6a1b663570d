import { useLocation, useNavigate } from '@solidjs/router'
import { createUniqueId, For, onCleanup, onMount, type JSX } from 'solid-js'
import { X } from '../generated/icons.tsx'
import { IconButton } from './button.tsx'
import './panel.css'

/**
 * The detail of one item beside its list (over it where there is little room). It has its own URL; Escape goes back to
 * the list, filters kept, to the item that was open.
 */
export function SidePanel(props: {
  title: string
  kind: string
  back: string
  /** For what is read line by line: text of policies, differences. */
  wide?: boolean
  children: JSX.Element
}): JSX.Element {
  const navigate = useNavigate()
  const location = useLocation()
  const id = createUniqueId()
  let heading: HTMLHeadingElement | undefined
  const close = (): void => {
    const item = location.pathname
    navigate(props.back + location.search, { scroll: false })
    focusItem(item)
  }
  onMount(() => {
    heading?.focus({ preventScroll: true })
    const onKey = (event: KeyboardEvent): void => {
      const overDialog = document.querySelector('[role=dialog]') !== null
      if (event.key === 'Escape' && !event.defaultPrevented && !overDialog) close()
    }
    window.addEventListener('keydown', onKey)
    onCleanup(() => window.removeEventListener('keydown', onKey))
  })
  return (
    <aside class="panel" classList={{ 'panel-wide': props.wide === true }} aria-labelledby={id}>
      <header class="panel-head">
        <div>
          <p class="panel-kind">{props.kind}</p>
          <h2
            id={id}
            tabindex="-1"
            ref={(element) => {
              heading = element
            }}
          >
            {props.title}
          </h2>
        </div>
        <IconButton label="Close" icon={<X aria-hidden="true" />} onClick={close} />
      </header>
      <div class="panel-body">{props.children}</div>
    </aside>
  )
}

/** Who goes through a list by keyboard goes on where they were; focus would else begin at the top of the page. */
function focusItem(path: string): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('a.list-link')]
  links.find(({ pathname }) => pathname === path)?.focus({ preventScroll: true })
}

/** One fact of an item; left out when its value is undefined. */
export type Fact = readonly [name: string, value: JSX.Element]

/** Facts of an item, name beside value. */
export function Facts(props: { of: readonly Fact[] }): JSX.Element {
  return (
    <dl class="facts">
      <For each={props.of.filter(([, value]) => value !== undefined)}>
        {([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        )}
      </For>
    </dl>
  )
}

/** A part of a detail under its own heading. */
export function PanelSection(props: { title: string; children: JSX.Element }): JSX.Element {
  return (
    <section class="panel-section">
      <h3>{props.title}</h3>
      {props.children}
    </section>
  )
}
