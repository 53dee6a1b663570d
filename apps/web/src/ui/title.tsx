import { createEffect } from 'solid-js'

/** Names the tab after the screen. Never after a secret: only headings come here. */
export function Title(props: { of: string }): null {
  createEffect(() => {
    document.title = `${props.of} · Gatehouse`
  })
  return null
}
