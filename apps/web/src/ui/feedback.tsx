import { CircleAlert } from '../generated/icons.tsx'
import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js'
import './feedback.css'

const skeletonAfterMs = 200

/** Grey lines in the place of what is coming; only once waiting is felt. */
export function Skeleton(props: { lines?: number }): JSX.Element {
  const [shown, setShown] = createSignal(false)
  const timer = setTimeout(() => setShown(true), skeletonAfterMs)
  onCleanup(() => clearTimeout(timer))
  return (
    <div class="skeleton" role="status">
      <Show when={shown()}>
        <span class="visually-hidden">Loading</span>
        <For each={Array.from({ length: props.lines ?? 4 })}>{() => <span class="skeleton-line" />}</For>
      </Show>
    </div>
  )
}

/** Nothing is here yet: what this is for, and the one thing to do first. */
export function Empty(props: {
  title: string
  icon?: JSX.Element
  children?: JSX.Element
  action?: JSX.Element
  command?: string
}): JSX.Element {
  return (
    <div class="empty">
      <Show when={props.icon}>
        {(icon) => (
          <span class="empty-icon" aria-hidden="true">
            {icon()}
          </span>
        )}
      </Show>
      <p class="empty-title">{props.title}</p>
      <Show when={props.children}>{(text) => <p class="muted empty-text">{text()}</p>}</Show>
      {props.action}
      <Show when={props.command}>
        <p class="muted empty-command">
          In a terminal: <code>{props.command}</code>
        </p>
      </Show>
    </div>
  )
}

/** A note that stands in the page: an error, a warning, something to know. */
export function Note(props: {
  tone: 'bad' | 'warn' | 'calm'
  title: string
  icon?: JSX.Element
  action?: JSX.Element
  children?: JSX.Element
}): JSX.Element {
  return (
    <div class={`note note-${props.tone}`} role={props.tone === 'bad' ? 'alert' : undefined}>
      <span class="note-icon" aria-hidden="true">
        {props.icon ?? <CircleAlert />}
      </span>
      <div class="note-text">
        <p class="note-title">{props.title}</p>
        <Show when={props.children}>{(text) => <div class="note-body">{text()}</div>}</Show>
      </div>
      <Show when={props.action}>{(action) => <div class="note-action">{action()}</div>}</Show>
    </div>
  )
}
