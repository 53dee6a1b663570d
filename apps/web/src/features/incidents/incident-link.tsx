import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { isUuid } from '@gatehouse/kit'
import { createLoaded } from '../../loading.ts'
import { useAccess } from '../answer/use-access.tsx'

/**
 * An incident by the name that a request gave it, and the way to it for who may see incidents. Where it was named by
 * its id its title says more; nobody else learns of that.
 */
export function IncidentLink(props: { named: string; id: string | null }): JSX.Element {
  const access = useAccess()
  const seen = (): string | null => (access.may('incident.get') ? props.id : null)
  return (
    <Show when={seen()} fallback={<span class="list-free">{props.named}</span>}>
      {(id) => (
        <A href={`/incidents/${id()}`} class="list-free">
          <Show when={isUuid(props.named)} fallback={props.named}>
            <Show when={access.mayWhole('incident.get')} fallback="Show the incident">
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
