import { createMemo, Show, type JSX } from 'solid-js'
import type { Asked } from '../../loading.ts'
import { keptItems } from '../../ui/kept-items.ts'
import { DataList, Pager, type DataListProps } from '../../ui/list.tsx'
import { Split } from '../../ui/page.tsx'
import { Answer } from './answer.tsx'

interface ListAnswerProps<T> extends Omit<DataListProps<T>, 'items'> {
  readonly of: Asked<{ readonly items: readonly T[]; readonly nextCursor: string | null }>
  /** Shown when the list holds nothing: what it is for, or that no item fits the filters. */
  readonly empty: JSX.Element
  /** The detail beside the list, where the URL names an item. */
  readonly detail?: JSX.Element
}

/** A list that was asked for, in all its states, with the way to older items. */
export function ListAnswer<T>(props: ListAnswerProps<T>): JSX.Element {
  const items = createMemo<readonly T[]>((before) => keptItems(before, props.of.data()?.items ?? [], props.key), [])
  return (
    <Split detail={props.detail}>
      <Answer of={props.of} lines={6}>
        {(page) => (
          <>
            <Show when={page().items.length > 0} fallback={props.empty}>
              <DataList {...props} items={items()} />
            </Show>
            <Pager nextCursor={page().nextCursor} />
          </>
        )}
      </Answer>
    </Split>
  )
}
