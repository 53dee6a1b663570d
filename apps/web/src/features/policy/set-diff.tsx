import { For, Show, type JSX } from 'solid-js'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { CedarLine } from './cedar-source.tsx'
import { tokensOf } from './cedar-tokens.ts'
import { fileChanges, type DiffLine, type FileChange, type PolicyFile } from './line-diff.ts'

const marks = { same: ' ', removed: '−', added: '+' } as const
const spoken = { same: '', removed: 'removed: ', added: 'added: ' } as const

/** What is another in two policy sets, file by file. Lines bear a sign beside their colour. */
export function SetDiff(props: { before: readonly PolicyFile[]; after: readonly PolicyFile[] }): JSX.Element {
  const changes = (): readonly FileChange[] => fileChanges(props.before, props.after)
  return (
    <div class="diff">
      <Show when={changes().length > 0} fallback={<p class="muted">Both sets have the same files.</p>}>
        <p class="muted">{summaryOf(changes())}</p>
        <For each={changes()}>{(change) => <FileDiff change={change} />}</For>
      </Show>
    </div>
  )
}

/** `2 files, 14 lines added, 3 removed`. */
const summaryOf = (changes: readonly FileChange[]): string => {
  const sum = (of: (change: FileChange) => number): number => changes.reduce((total, change) => total + of(change), 0)
  const [added, removed] = [sum((change) => change.added), sum((change) => change.removed)]
  return `${counted(changes.length, 'file')}, ${counted(added, 'line')} added, ${counted(removed, 'line')} removed`
}

function FileDiff(props: { change: FileChange }): JSX.Element {
  return (
    <section class="diff-file">
      <div class="diff-head">
        <h4>{props.change.path}</h4>
        <StateMark state={`file ${props.change.kind}`} />
      </div>
      <div class="cedar">
        <pre class="cedar-text diff-text" tabindex="0" aria-label={`Changes of ${props.change.path}`}>
          <For each={props.change.hunks}>
            {(hunk, index) => (
              <>
                <Show when={index() > 0}>
                  <span class="diff-gap">unchanged lines left out</span>
                </Show>
                <For each={hunk}>{(line) => <Line line={line} />}</For>
              </>
            )}
          </For>
        </pre>
      </div>
    </section>
  )
}

function Line(props: { line: DiffLine }): JSX.Element {
  return (
    <span class={`cedar-row code-row-${props.line.kind}`}>
      <span class="cedar-number" aria-hidden="true">
        {props.line.before}
      </span>
      <span class="cedar-number" aria-hidden="true">
        {props.line.after}
      </span>
      <span class="code-mark" aria-hidden="true">
        {marks[props.line.kind]}
      </span>
      <span class="cedar-code">
        <span class="visually-hidden">{spoken[props.line.kind]}</span>
        <CedarLine tokens={tokensOf(props.line.text)} />
        {'\n'}
      </span>
    </span>
  )
}
