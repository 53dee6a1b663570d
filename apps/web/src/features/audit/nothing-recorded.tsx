import type { Wire } from '@gatehouse/contract'
import { createResource, Show, type JSX } from 'solid-js'
import { Empty } from '../../ui/feedback.tsx'
import type { Filters } from '../../ui/filters.tsx'
import { Button } from '../../ui/button.tsx'
import { searchOn } from './audit-words.ts'

interface NothingProps {
  readonly of: 'entries' | 'decisions'
  readonly icon: JSX.Element
  readonly filters: Filters
  readonly filtered: boolean
  /** The kinds of entries that were asked for; undefined: all. */
  readonly kinds: readonly Wire<'audit.get'>['kind'][] | undefined
}

/** Of entries or decisions there are none, or none that fit; says what to do about it. */
export function NothingRecorded(props: NothingProps): JSX.Element {
  const action = (): string | false => props.filters.value('action') ?? false
  // what actions there are comes with the schemas, which are asked for where nothing was found by one
  const [unknown] = createResource(action, async (typed) => {
    const { unknownAction } = await import('../../validation.ts')
    const found = unknownAction(typed, props.of)
    return found === null ? null : { typed, meant: found.meant }
  })
  const meant = (): string | null => unknown.latest?.meant ?? null
  return (
    <Empty
      title={props.filtered ? `No ${props.of} match these filters` : `No ${props.of} yet`}
      icon={props.icon}
      action={
        <Show when={meant()} keyed>
          {(name) => <Button onClick={() => props.filters.set('action', name)}>{`Search for ${name}`}</Button>}
        </Show>
      }
    >
      <Show when={unknown.latest} keyed fallback={<>{whatToDo(props)}</>}>
        {({ typed }) => `No action is called “${typed}”, and none begins so.`}
      </Show>
    </Empty>
  )
}

const whatToDo = ({ filtered, kinds }: NothingProps): string =>
  filtered
    ? searchOn(kinds)
    : 'They appear with the first change or refusal. Reads are shown once they are picked under Show.'
