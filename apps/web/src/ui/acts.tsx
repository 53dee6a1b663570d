import { createUniqueId, For, Index, Show, type JSX } from 'solid-js'
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
        {/* by their place: who has come to one by keyboard stays there when it becomes known what may be done */}
        <Index each={props.of}>{(act) => <ActButton act={act()} describedBy={reasonId(act())} />}</Index>
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
 * too. It is the same element before and after: who has come to it stays on it when it becomes known what they may do.
 */
function ActButton(props: { act: Act; describedBy: string | undefined }): JSX.Element {
  const standing = (): JSX.AnchorHTMLAttributes<HTMLAnchorElement> & JSX.ButtonHTMLAttributes<HTMLButtonElement> => ({
    class: `button button-${props.act.look ?? 'plain'}`,
    'aria-disabled': props.act.blocked === null ? undefined : true,
    'aria-busy': props.act.blocked === notKnownYet ? true : undefined,
    'aria-describedby': props.describedBy,
  })
  const words = (): JSX.Element => (
    <>
      {props.act.icon}
      <span class="button-text">{props.act.label}</span>
    </>
  )
  const press = (): void => {
    if (props.act.blocked === null) props.act.run?.()
  }
  return (
    <Show
      when={props.act.href !== undefined}
      fallback={
        <button type="button" onClick={press} {...standing()}>
          {words()}
        </button>
      }
    >
      {/* a link that leads nowhere yet is no link to a browser */}
      <a role="link" tabindex="0" href={props.act.blocked === null ? props.act.href : undefined} {...standing()}>
        {words()}
      </a>
    </Show>
  )
}
