import { A } from '@solidjs/router'
import { createMemo, Show, type Accessor, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useAccess } from '../answer/use-access.tsx'

/** As many as one page may ask for. */
const namesMax = 200

/** User names by id, for who may see people; empty for everybody else. */
export function createPersonNames(): Accessor<ReadonlyMap<string, string>> {
  const access = useAccess()
  const loaded = createLoaded('user.list', () => (access.may('user.list') ? { first: namesMax } : null))
  return createMemo(() => new Map(loaded.data()?.items.map(({ id, username }) => [id, username])))
}

/** Names of teams by id, for who may see them all; empty for everybody else. */
export function createTeamNames(): Accessor<ReadonlyMap<string, string>> {
  const access = useAccess()
  const loaded = createLoaded('team.list', () => (access.may('team.list') ? { first: namesMax } : null))
  return createMemo(() => new Map(loaded.data()?.items.map(({ id, name }) => [id, name])))
}

/** A person by name where it is known, leading to them; else the id as it was recorded. */
export function Person(props: { id: string; names: ReadonlyMap<string, string> }): JSX.Element {
  return (
    <Show when={props.names.get(props.id)} fallback={<code>{props.id}</code>}>
      {(name) => <A href={`/people/users/${props.id}`}>{name()}</A>}
    </Show>
  )
}
