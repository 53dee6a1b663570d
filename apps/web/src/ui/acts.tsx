import { A } from '@solidjs/router'
import { createUniqueId, For, Show, type JSX } from 'solid-js'
import { Lock } from '../generated/icons.tsx'
import { notKnownYet, type Blocked } from './blocked.ts'
import './acts.css'

/** Something that can be done here, or why it can't be. */
export interface Act {
  readonly label: string
  readonly look?: 'primary' | 'plain' | 'danger'
  readonly icon?: JSX.Element
  /** Why it can't be done now; null: it can. */
  readonly blocked: Blocked
  /** An act: what it does. */
  readonly run?: () => void
  /** A place instead: where it leads. */
  readonly href?: string
}

/** Acts beside one another. What can't be done stays in sight and says why, once for all that share the reason. */
export function Acts(props: { of: readonly Act[] }): JSX.Element {
  const id = createUniqueId()
  const reasons = (): readonly string[] => [
    ...new Set(props.of.flatMap(({ blocked }) => (blocked === null || blocked === notKnownYet ? [] : [blocked]))),
  ]
  const labelsOf = (reason: string): string =>
    props.of
      .filter(({ blocked }) => blocked === reason)
      .map(({ label }) => label)
      .join(', ')
  const reasonId = ({ blocked }: Act): string | undefined =>
    blocked === null || blocked === notKnownYet ? undefined : `${id}-${reasons().indexOf(blocked)}`
  return (
    <div class="acts">
      <div class="form-actions">
        <For each={props.of}>{(act) => <ActButton act={act} describedBy={reasonId(act)} />}</For>
      </div>
      <For each={reasons()}>
        {(reason, index) => (
          <p class="acts-why" id={`${id}-${index()}`}>
            <Lock aria-hidden="true" />
            <span>
              <Show when={reasons().length > 1}>{labelsOf(reason)}: </Show>
              {reason}
            </span>
          </p>
        )}
      </For>
    </div>
  )
}

/**
 * A blocked act keeps its place in the order of Tab, so that who does not see the page learns of it and of its reason,
 * too.
 */
function ActButton(props: { act: Act; describedBy: string | undefined }): JSX.Element {
  const look = (): string => `button button-${props.act.look ?? 'plain'}`
  const press = (): void => {
    if (props.act.blocked === null) props.act.run?.()
  }
  return (
    <Show
      when={props.act.blocked === null && props.act.href}
      fallback={
        <button
          type="button"
          class={look()}
          aria-disabled={props.act.blocked === null ? undefined : true}
          aria-busy={props.act.blocked === notKnownYet ? true : undefined}
          aria-describedby={props.describedBy}
          onClick={press}
        >
          {props.act.icon}
          <span class="button-text">{props.act.label}</span>
        </button>
      }
    >
      {(href) => (
        <A class={look()} href={href()}>
          {props.act.icon}
          <span class="button-text">{props.act.label}</span>
        </A>
      )}
    </Show>
  )
}
