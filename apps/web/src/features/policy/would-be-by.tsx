import { For, Show, type JSX } from 'solid-js'

/** As an answer names what fits no schema, among the policies that erred. */
const unfitRequest = 'request'

/** By which policies others would decide, and which of them could not be evaluated: beside one nothing is allowed. */
export function WouldBeBy(props: { policies: readonly string[]; errors: readonly string[] }): JSX.Element {
  return (
    <Show
      when={props.policies.length + props.errors.length > 0}
      fallback={<span class="muted">no policy permits it</span>}
    >
      <span class="action-list">
        <For each={props.policies}>{(id) => <code>{id}</code>}</For>
        <For each={props.errors}>
          {(id) => (
            <Show when={id !== unfitRequest} fallback={<span>the request does not fit the schema</span>}>
              <span>
                <code>{id}</code> could not be evaluated
              </span>
            </Show>
          )}
        </For>
      </span>
    </Show>
  )
}
