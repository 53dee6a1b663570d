import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { Check, Copy, Eye, EyeOff } from '../generated/icons.tsx'
import { Button } from './button.tsx'
import './copy.css'

const copiedForMs = 2000

/** Copies a text, and says so; not offered where the browser would refuse it. */
export function CopyButton(props: {
  text: string
  what: string
  /** What stands on it; absent: `Copy`, small. */
  label?: string
  onCopied?: () => void
}): JSX.Element {
  const [copied, setCopied] = createSignal(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  onCleanup(() => clearTimeout(timer))
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(props.text)
    setCopied(true)
    props.onCopied?.()
    clearTimeout(timer)
    timer = setTimeout(() => setCopied(false), copiedForMs)
  }
  return (
    <Show when={window.isSecureContext}>
      <Button
        class={props.label === undefined ? 'button-small' : ''}
        icon={copied() ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        onClick={() => void copy()}
        aria-label={copied() ? `Copied ${props.what}` : `Copy ${props.what}`}
      >
        <span aria-live="polite">{copied() ? 'Copied' : (props.label ?? 'Copy')}</span>
      </Button>
    </Show>
  )
}

/** A text to take along, such as a command or a public key. */
export function CopyBlock(props: { text: string; what: string }): JSX.Element {
  return (
    <div class="copy-block">
      <pre tabindex="0" aria-label={props.what}>
        {props.text}
      </pre>
      <CopyButton text={props.text} what={props.what} />
    </div>
  )
}

/** A secret: hidden until it is asked for, shown once, copied or saved by a button that says so. */
export function SecretBlock(props: {
  secret: string
  what: string
  onTaken: () => void
  children?: JSX.Element
}): JSX.Element {
  const [revealed, setRevealed] = createSignal(false)
  const reveal = (): void => {
    setRevealed((shown) => !shown)
    props.onTaken()
  }
  return (
    <div class="copy-block copy-secret">
      <Show
        when={revealed()}
        fallback={
          <p class="copy-hidden" aria-hidden="true">
            ••••••••••••••••••••••••••••••••
          </p>
        }
      >
        <pre tabindex="0" aria-label={props.what}>
          {props.secret}
        </pre>
      </Show>
      <div class="row">
        <Button
          class="button-small"
          icon={revealed() ? <EyeOff aria-hidden="true" /> : <Eye aria-hidden="true" />}
          onClick={reveal}
          aria-expanded={revealed()}
          aria-label={revealed() ? `Hide ${props.what}` : `Reveal ${props.what}`}
        >
          {revealed() ? 'Hide' : 'Reveal'}
        </Button>
        <CopyButton text={props.secret} what={props.what} onCopied={() => props.onTaken()} />
        {props.children}
      </div>
    </div>
  )
}
