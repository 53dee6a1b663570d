import type { Wire } from '@gatehouse/contract'
import { createMemo, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SearchFilter, SelectFilter } from '../../ui/filters.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { permissionWords, shortVersion } from './policy-words.ts'
import './policy.css'

type Matrix = Wire<'policy.matrix'>
type Row = Matrix['rows'][number]

const filterNames = ['search', 'caller', 'may'] as const

/** Who may do what, by asking the policies in force. */
export default function AccessMatrix(): JSX.Element {
  const filters = createFilters()
  const loaded = createLoaded('policy.matrix', () => ({}))
  const callers = (): readonly string[] => [
    ...new Set(loaded.data()?.rows.flatMap(({ permissions }) => permissions.map(({ caller }) => caller))),
  ]
  return (
    <Page
      title="Access matrix"
      lead={
        'What each kind of caller can do under the policies in force, with a second factor and as a member of one ' +
        'team.'
      }
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SearchFilter filters={filters} placeholder="part of an operation" />
        <SelectFilter
          label="Caller"
          value={filters.value('caller')}
          options={callers().map((caller) => [caller, caller] as const)}
          onPick={(value) => filters.set('caller', value)}
        />
        <SelectFilter
          label="Show"
          none="all operations"
          value={filters.value('may')}
          options={[
            ['allowed', 'allowed to one of them'],
            ['denied', 'denied to all of them'],
          ]}
          onPick={(value) => filters.set('may', value)}
        />
      </FilterBar>
      <Answer of={loaded} lines={8}>
        {(matrix) => <MatrixTable matrix={matrix()} callers={callers()} />}
      </Answer>
    </Page>
  )
}

const mayOf = (row: Row, caller: string): string =>
  row.permissions.find((permission) => permission.caller === caller)?.may ?? ''
const isDenied = (may: string): boolean => /^[–-]?\s*$/.test(may)

function MatrixTable(props: { matrix: Matrix; callers: readonly string[] }): JSX.Element {
  const filters = createFilters()
  const callers = (): readonly string[] =>
    props.callers.filter((caller) => filters.value('caller') === undefined || caller === filters.value('caller'))
  const rows = createMemo(() => {
    const part = filters.value('search')?.toLowerCase() ?? ''
    const wanted = filters.value('may')
    return props.matrix.rows.filter((row) => {
      const denied = callers().every((caller) => isDenied(mayOf(row, caller)))
      const fits = wanted === undefined || (wanted === 'denied') === denied
      return fits && row.operation.toLowerCase().includes(part)
    })
  })
  return (
    <>
      <Legend />
      <Show when={rows().length > 0} fallback={<Empty title="No operations match these filters" />}>
        <div class="matrix-scroll" tabindex="0" role="region" aria-label="Access matrix, scrolls sideways">
          <table class="matrix">
            <thead>
              <tr>
                <th scope="col">Operation</th>
                <For each={callers()}>{(caller) => <th scope="col">{caller}</th>}</For>
                <th scope="col">Minimum log-in</th>
              </tr>
            </thead>
            <tbody>
              <For each={rows()}>
                {(row) => (
                  <tr>
                    <th scope="row">{row.operation}</th>
                    <For each={callers()}>{(caller) => <Cell may={mayOf(row, caller)} />}</For>
                    <td class="muted">{floorWords[row.floor] ?? row.floor}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
      <p class="muted">
        {rows().length} of {props.matrix.rows.length} operations · policy set{' '}
        <code>{shortVersion(props.matrix.policyVersion)}</code>
      </p>
    </>
  )
}

const floorWords: Readonly<Record<string, string>> = {
  none: 'no log-in',
  pw: 'password',
  mfa: 'second factor',
  su: 'fresh second factor',
}

function classOf(may: string): string {
  if (may.trim() === '') return 'matrix-none'
  if (isDenied(may)) return 'matrix-no'
  return /^(yes|all)/.test(may) ? 'matrix-yes' : 'matrix-some'
}

function Cell(props: { may: string }): JSX.Element {
  return (
    <td class={classOf(props.may)} title={permissionWords(props.may)}>
      <Show when={props.may.trim() !== ''} fallback={<span class="visually-hidden">not for such a caller</span>}>
        {props.may}
      </Show>
    </td>
  )
}

function Legend(): JSX.Element {
  return (
    <ul class="matrix-legend" aria-label="Meaning of the cells">
      <For
        each={
          [
            ['yes', 'allowed'],
            ['own', "on what is the caller's own"],
            ['team', "in the workspaces of the caller's team"],
            ['all', 'on everything'],
            ['*', 'only with a fresh second factor'],
            ['–', 'denied'],
          ] as const
        }
      >
        {([word, meaning]) => (
          <li>
            <strong>{word}</strong> {meaning}
          </li>
        )}
      </For>
    </ul>
  )
}
