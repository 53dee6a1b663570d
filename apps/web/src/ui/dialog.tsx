import { Dialog as Primitive } from '@kobalte/core/dialog'
import X from 'lucide-solid/icons/x'
import { Show, type JSX } from 'solid-js'
import './dialog.css'

/** A dialog over the page: focus stays in it, Escape gives up, focus returns to where it was. */
export function Dialog(props: { open: boolean; title: string; onClose: () => void; closable?: boolean; class?: string; children: JSX.Element }): JSX.Element {
  return (
    <Primitive open={props.open} onOpenChange={(open) => { if (!open) props.onClose() }} preventScroll={false}>
      <Primitive.Portal>
        <Primitive.Overlay class="dialog-scrim" />
        <div class="dialog-place">
          <Primitive.Content class={`dialog ${props.class ?? ''}`} onPointerDownOutside={(event) => event.preventDefault()} onEscapeKeyDown={(event) => { if (props.closable === false) event.preventDefault() }}>
            <header class="dialog-head">
              <Primitive.Title class="dialog-title">{props.title}</Primitive.Title>
              <Show when={props.closable !== false}>
                <Primitive.CloseButton class="button button-quiet button-icon" aria-label="Close" title="Close"><X aria-hidden="true" /></Primitive.CloseButton>
              </Show>
            </header>
            {props.children}
          </Primitive.Content>
        </div>
      </Primitive.Portal>
    </Primitive>
  )
}
