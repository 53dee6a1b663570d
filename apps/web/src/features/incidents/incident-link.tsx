import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { isUuid } from '@gatehouse/kit'
import { createLoaded } from '../../loading.ts'
import { useAccess } from '../answer/use-access.tsx'

/** Somebody who does not lead incidents has opened fewer; of an older one they see the name. */
const ownMax = 100

/**
 * An incident by the name that a request gave it, and the way to it for who may see it: all of them, or those that they
 * opened or lead. Where it was named by its id its title says more; nobody else learns of that.
 */
export function IncidentLink(props: { named: string; id: string | null }): JSX.Element {
  const access = useAccess()
  const seesAll = (): boolean => access.mayWhole('incident.get')
  const own = createLoaded('incident.list', () =>
    props.id !== null && access.may('incident.get') && !seesAll() ? { mine: true, first: ownMax } : null,
  )
  const seen = (): string | null =>
    seesAll() || own.data()?.items.some(({ id }) => id === props.id) === true ? props.id : null
  return (
    <Show when={seen()} fallback={<span class="list-free">{props.named}</span>}>
      {(id) => (
        <A href={`/incidents/${id()}`} class="list-free">
          <Show when={isUuid(props.named)} fallback={props.named}>
            <Show when={seesAll()} fallback="Show the incident">
              <TitleOf id={id()} />
            </Show>
          </Show>
        </A>
      )}
    </Show>
  )
}

function TitleOf(props: { id: string }): JSX.Element {
  const loaded = createLoaded('incident.get', () => ({ id: props.id }))
  return <>{loaded.data()?.title ?? 'Show the incident'}</>
}
