import { For, type JSX } from 'solid-js'

/** Text of the server, in which backticks stand around what is typed or named: that is shown as code. */
export function Prose(props: { text: string }): JSX.Element {
  return <For each={props.text.split('`')}>{(part, index) => (index() % 2 === 1 ? <code>{part}</code> : part)}</For>
}
