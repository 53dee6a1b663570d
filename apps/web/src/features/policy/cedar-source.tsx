import { For, type JSX } from 'solid-js'
import { CopyButton } from '../../ui/copy.tsx'
import { tokenLines, type Token } from './cedar-tokens.ts'
import './cedar-source.css'

/** Pieces of one line, each in its colour. */
export function CedarLine(props: { tokens: readonly Token[] }): JSX.Element {
  return (
    <For each={props.tokens}>
      {({ kind, text }) => (kind === 'plain' ? text : <span class={`code-${kind}`}>{text}</span>)}
    </For>
  )
}

/** Cedar with its lines numbered, to read and to copy. Each piece is a text: nothing of it becomes markup. */
export function CedarSource(props: { text: string; what: string; firstLine?: number }): JSX.Element {
  return (
    <div class="cedar">
      <div class="cedar-acts">
        <CopyButton text={props.text} what={props.what} />
      </div>
      <pre class="cedar-text" tabindex="0" aria-label={props.what}>
        <For each={tokenLines(props.text)}>
          {(tokens, index) => (
            <span class="cedar-row">
              <span class="cedar-number" aria-hidden="true">
                {index() + (props.firstLine ?? 1)}
              </span>
              <span class="cedar-code">
                <CedarLine tokens={tokens} />
                {'\n'}
              </span>
            </span>
          )}
        </For>
      </pre>
    </div>
  )
}
