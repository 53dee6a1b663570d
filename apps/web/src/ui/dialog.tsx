import { X } from '../generated/icons.tsx'
import { Dialog as Primitive } from '@kobalte/core/dialog'
import { onCleanup, Show, type JSX } from 'solid-js'
import './dialog.css'

const firstField = (content: HTMLElement): HTMLElement | null =>
  content.querySelector<HTMLElement>('input, textarea, select')

/** Focus goes to what is to be filled in, so that Enter right after opening does not close the dialog. */
function focusFirstField(event: Event): void {
  const content = event.currentTarget
  if (!(content instanceof HTMLElement)) return
  const field = firstField(content)
  if (field === null) return
  event.preventDefault()
  field.focus()
}

/** What had the focus may go with its step of the dialog: the next one must not begin on the page behind. */
function keepFocus(content: HTMLElement): void {
  const taken = new MutationObserver(() => {
    if (document.activeElement === document.body) (firstField(content) ?? content).focus()
  })
  taken.observe(content, { childList: true, subtree: true })
  onCleanup(() => taken.disconnect())
}

/** A dialog over the page: focus stays in it, Escape gives up, focus returns to where it was. */
export function Dialog(props: {
  open: boolean
  title: string
  onClose: () => void
  closable?: boolean
  class?: string
  children: JSX.Element
}): JSX.Element {
  return (
    <Primitive
      open={props.open}
      onOpenChange={(open) => {
        if (!open) props.onClose()
      }}
      preventScroll={false}
    >
      <Primitive.Portal>
        <Primitive.Overlay class="dialog-scrim" />
        <div class="dialog-place">
          <Primitive.Content
            ref={keepFocus}
            class={`dialog ${props.class ?? ''}`}
            onOpenAutoFocus={focusFirstField}
            onPointerDownOutside={(event) => event.preventDefault()}
            onEscapeKeyDown={(event) => {
              if (props.closable === false) event.preventDefault()
            }}
          >
            <header class="dialog-head">
              <Primitive.Title class="dialog-title">{props.title}</Primitive.Title>
              <Show when={props.closable !== false}>
                <Primitive.CloseButton class="button button-quiet button-icon" aria-label="Close" title="Close">
                  <X aria-hidden="true" />
                </Primitive.CloseButton>
              </Show>
            </header>
            {props.children}
          </Primitive.Content>
        </div>
      </Primitive.Portal>
    </Primitive>
  )
}
