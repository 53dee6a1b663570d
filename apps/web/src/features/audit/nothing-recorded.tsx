import type { Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { Empty } from '../../ui/feedback.tsx'
import { searchOn } from './audit-words.ts'

/** Of entries or decisions there are none, or none that fit; says what to do about it. */
export function NothingRecorded(props: {
  of: 'entries' | 'decisions'
  icon: JSX.Element
  filtered: boolean
  /** The kinds of entries that were asked for; undefined: all. */
  kinds: readonly Wire<'audit.get'>['kind'][] | undefined
}): JSX.Element {
  return (
    <Empty title={props.filtered ? `No ${props.of} match these filters` : `No ${props.of} yet`} icon={props.icon}>
      {props.filtered
        ? searchOn(props.kinds)
        : 'They appear with the first change or refusal. Reads are shown once they are picked under Show.'}
    </Empty>
  )
}
