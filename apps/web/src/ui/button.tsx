import { A } from '@solidjs/router'
import { splitProps, useContext, type JSX } from 'solid-js'
import { notKnownYet, type Blocked } from './blocked.ts'
import { NoticesContext } from './tell.ts'
import './button.css'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look
  /** While true the button says so and can't be pressed twice. */
  readonly busy?: boolean
  /** Why it can't be pressed now; it stays in the order of Tab and says so. Null: it can. */
  readonly blocked?: Blocked
  readonly icon?: JSX.Element
}

/** A button. What it does stands on it as a verb. */
export function Button(props: ButtonProps): JSX.Element {
  const [own, rest] = splitProps(props, ['look', 'busy', 'blocked', 'icon', 'children', 'class', 'disabled'])
  const blocked = (): string | undefined => own.blocked ?? undefined
  const notices = useContext(NoticesContext) // where there are none, the title says it
  return (
    <button
      type="button"
      class={`button button-${own.look ?? 'plain'} ${own.class ?? ''}`}
      aria-busy={own.busy === true || own.blocked === notKnownYet || undefined}
      disabled={own.disabled === true || own.busy === true}
      {...rest}
      title={blocked() || rest.title}
      aria-disabled={blocked() === undefined ? undefined : true}
      onClick={(event) => {
        const why = blocked()
        if (why === undefined) {
          if (typeof rest.onClick === 'function') rest.onClick(event)
          return
        }
        // a button that sends a form would send it; and a phone shows no title
        event.preventDefault()
        if (why !== notKnownYet) notices?.tell(why, 'warn')
      }}
    >
      {own.icon}
      <span class="button-text">{own.children}</span>
    </button>
  )
}

/** A button that shows only an icon; its name is read aloud and shown on hover. */
export function IconButton(props: {
  label: string
  icon: JSX.Element
  onClick: () => void
  class?: string
  ref?: (element: HTMLButtonElement) => void
}): JSX.Element {
  return (
    <button
      type="button"
      class={`button button-quiet button-icon ${props.class ?? ''}`}
      aria-label={props.label}
      title={props.label}
      onClick={() => props.onClick()}
      ref={(element) => props.ref?.(element)}
    >
      {props.icon}
    </button>
  )
}

/** A link that looks like a button, for what is a place and not an act. */
export function LinkButton(props: {
  href: string
  look?: Look
  icon?: JSX.Element
  children: JSX.Element
}): JSX.Element {
  return (
    <A href={props.href} class={`button button-${props.look ?? 'plain'}`}>
      {props.icon}
      <span class="button-text">{props.children}</span>
    </A>
  )
}
