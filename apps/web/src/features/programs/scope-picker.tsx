import { createUniqueId, For, Show, type JSX } from 'solid-js'
import { TriangleAlert } from '../../generated/icons.tsx'
import { scopeNouns, scopeWords, toggled, wholeOf, type ScopeNoun } from './scopes.ts'
import './programs.css'

/** Picks scopes by noun: every read, the whole of a noun, or single operations. */
export function ScopePicker(props: {
  scopes: readonly string[]
  problem?: string | undefined
  onChange: (scopes: readonly string[]) => void
}): JSX.Element {
  const id = createUniqueId()
  const toggle = (scope: string): void => props.onChange(toggled(props.scopes, scope))
  return (
    <fieldset class="scopes" aria-describedby={props.problem === undefined ? undefined : id}>
      <legend>Scopes</legend>
      <p class="field-hint">Limits what the token can do. It never exceeds the permissions of its owner.</p>
      <label class="check">
        <input type="checkbox" checked={props.scopes.includes('read')} onChange={() => toggle('read')} />
        <span>
          <strong>Read only</strong> <span class="muted">all list and get operations</span>
        </span>
      </label>
      <div class="scope-nouns">
        <For each={scopeNouns}>{(noun) => <Noun noun={noun} scopes={props.scopes} onToggle={toggle} />}</For>
      </div>
      <p class="field-hint" role="status">
        {props.scopes.length === 0 ? 'No scopes selected.' : `Selected: ${props.scopes.map(scopeWords).join(', ')}.`}
      </p>
      <Show when={props.problem}>
        <p class="field-problem" id={id}>
          <TriangleAlert aria-hidden="true" />
          {props.problem}
        </p>
      </Show>
    </fieldset>
  )
}

function Noun(props: { noun: ScopeNoun; scopes: readonly string[]; onToggle: (scope: string) => void }): JSX.Element {
  const whole = (): boolean => props.scopes.includes(wholeOf(props.noun.noun))
  const count = (): number => props.noun.operations.filter(({ name }) => props.scopes.includes(name)).length
  const chosen = (): string => {
    if (whole()) return 'all'
    return count() === 0 ? '' : `${count()} of ${props.noun.operations.length}`
  }
  return (
    <details class="scope-noun">
      <summary>
        {props.noun.noun}
        <span class="muted">{chosen()}</span>
      </summary>
      <label class="check">
        <input type="checkbox" checked={whole()} onChange={() => props.onToggle(wholeOf(props.noun.noun))} />
        <span>
          <strong>All of {props.noun.noun}</strong>
        </span>
      </label>
      <For each={props.noun.operations}>
        {({ name, summary, reads }) => (
          <label class="check">
            <input
              type="checkbox"
              checked={whole() || props.scopes.includes(name)}
              disabled={whole()}
              onChange={() => props.onToggle(name)}
            />
            <span>
              <code>{name}</code>{' '}
              <span class="muted">
                {reads ? 'reads' : 'changes'} · {summary}
              </span>
            </span>
          </label>
        )}
      </For>
    </details>
  )
}
