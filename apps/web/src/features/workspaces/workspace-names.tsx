import { A } from '@solidjs/router'
import { createMemo, Show, type Accessor, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useAccess } from '../answer/use-access.tsx'

/** As many as one page may ask for. */
const namesMax = 200

/** Names of workspaces by id, for who may see workspaces; empty for everybody else. */
export function createWorkspaceNames(): Accessor<ReadonlyMap<string, string>> {
  const access = useAccess()
  const loaded = createLoaded('workspace.list', () => (access.may('workspace.list') ? { first: namesMax } : null))
  return createMemo(() => new Map(loaded.data()?.items.map(({ id, name }) => [id, name])))
}

/** A workspace by name where it is known, leading to it; else the id as it was recorded. */
export function WorkspaceName(props: { id: string }): JSX.Element {
  const names = createWorkspaceNames()
  return (
    <Show when={names().get(props.id)} fallback={<code>{props.id}</code>}>
      {(name) => <A href={`/workspaces/${props.id}`}>{name()}</A>}
    </Show>
  )
}
