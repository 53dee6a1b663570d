import { A, useSearchParams } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { Button } from './button.tsx'
import './list.css'

/** One column: what stands in it, and how it behaves where there is little room. */
export interface Column<T> {
  readonly title: string
  readonly cell: (item: T) => JSX.Element
  /** `main`: the heading of a card on a phone. `late`: only where there is room. */
  readonly rank?: 'main' | 'late'
  readonly mono?: boolean
  /** What people wrote themselves: a word of any length must not push the table off the screen. */
  readonly free?: boolean
}

/** What a list is given: its items, how each is shown, and where each leads. */
export interface DataListProps<T> {
  readonly label: string
  readonly items: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly key: (item: T) => string
  /** Where an item's detail is; the main column links there. */
  readonly href?: (item: T) => string
  readonly selected?: string | undefined
  readonly actions?: (item: T) => JSX.Element
}

/** Where an address, a path or a URL may break before it breaks anywhere. */
const addressSeams = /(?<=[@/])|(?=:\d)/
/** Where the name of an operation or a file may. */
const nameSeams = /(?<=\.)/

function Breakable(props: { text: string; seams: RegExp }): JSX.Element {
  return (
    <For each={props.text.split(props.seams)}>
      {(part, index) => (
        <>
          <Show when={index() > 0}>
            <wbr />
          </Show>
          {part}
        </>
      )}
    </For>
  )
}

function contentOf<T>(column: Column<T>, item: T): JSX.Element {
  const found = column.cell(item)
  const seams = column.mono === true ? addressSeams : nameSeams
  const breaks = column.mono === true || column.rank === 'main'
  return breaks && typeof found === 'string' ? <Breakable text={found} seams={seams} /> : found
}

/** A table that becomes cards on a phone. The whole row leads to the item's detail; Tab goes from item to item. */
export function DataList<T>(props: DataListProps<T>): JSX.Element {
  const cell = (column: Column<T>, item: T): JSX.Element => (
    <Show when={column.rank === 'main' && props.href} fallback={contentOf(column, item)}>
      {(href) => (
        <A class="list-link" href={href()(item)} noScroll>
          {contentOf(column, item)}
        </A>
      )}
    </Show>
  )
  return (
    <table class="list" role="table" aria-label={props.label}>
      <thead role="rowgroup">
        <tr role="row">
          <For each={props.columns}>
            {(column) => (
              <th role="columnheader" scope="col" classList={{ 'list-late': column.rank === 'late' }}>
                {column.title}
              </th>
            )}
          </For>
          <Show when={props.actions}>
            <th role="columnheader" scope="col" class="list-actions">
              <span class="visually-hidden">Actions</span>
            </th>
          </Show>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <For each={props.items}>
          {(item) => (
            <tr
              role="row"
              classList={{
                'list-selected': props.selected === props.key(item),
                'list-linked': props.href !== undefined,
              }}
            >
              <For each={props.columns}>
                {(column) => (
                  <td
                    role="cell"
                    data-title={column.title}
                    classList={{
                      'list-main': column.rank === 'main',
                      'list-late': column.rank === 'late',
                      'list-free': column.free === true,
                      mono: column.mono === true,
                    }}
                  >
                    {cell(column, item)}
                  </td>
                )}
              </For>
              <Show when={props.actions}>
                {(actions) => (
                  <td role="cell" class="list-actions">
                    {actions()(item)}
                  </td>
                )}
              </Show>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}

/**
 * Goes on to the next items, and back to the first; the place is in the URL. A page holds at most 50, so a list never
 * grows past what a
 * browser draws at once.
 */
export function Pager(props: { nextCursor: string | null }): JSX.Element {
  const [params, setParams] = useSearchParams<{ after?: string }>()
  return (
    <Show when={params.after !== undefined || props.nextCursor !== null}>
      <nav class="pager" aria-label="Pages">
        <Button disabled={params.after === undefined} onClick={() => setParams({ after: null })}>
          First page
        </Button>
        <Button disabled={props.nextCursor === null} onClick={() => setParams({ after: props.nextCursor })}>
          Next page
        </Button>
      </nav>
    </Show>
  )
}
