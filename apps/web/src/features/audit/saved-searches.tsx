import { A, useLocation } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Share2, X } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { IconButton } from '../../ui/button.tsx'
import { CheckField, TextField } from '../../ui/field.tsx'
import type { Filters } from '../../ui/filters.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { queryOfView, searchAsked } from './entry-search.ts'
import '../../ui/saved-views.css'

type View = Wire<'auditView.save'>

/** As many as a person can have, and what others share with them. */
const viewsAsked = 100

/** Searches that the person keeps, and those that others share: each is a link, as every search is. */
export function SavedSearches(): JSX.Element {
  const loaded = createLoaded('auditView.list', () => ({ first: viewsAsked }))
  const location = useLocation()
  const [removing, setRemoving] = createSignal<View>()
  const isOpen = (view: View): boolean => queryOfView(view.filters) === location.search
  return (
    <Show when={(loaded.data()?.items.length ?? 0) > 0}>
      <nav class="searches" aria-label="Saved searches">
        <span class="searches-title">Saved searches</span>
        <ul>
          <For each={loaded.data()?.items}>
            {(view) => (
              <li class="search-chip" classList={{ 'search-open': isOpen(view) }}>
                <A
                  href={`/record/audit${queryOfView(view.filters)}`}
                  aria-current={isOpen(view) ? 'true' : undefined}
                  noScroll
                >
                  {view.name}
                </A>
                <Show when={view.shared}>
                  <span class="search-shared" title={view.own ? 'Shared with others' : 'Shared with you'}>
                    <Share2 aria-hidden="true" />
                    <span class="visually-hidden">{view.own ? 'shared with others' : 'shared with you'}</span>
                  </span>
                </Show>
                <Show when={view.own}>
                  <IconButton
                    class="button-small"
                    label={`Remove the saved search ${view.name}`}
                    icon={<X aria-hidden="true" />}
                    onClick={() => setRemoving(() => view)}
                  />
                </Show>
              </li>
            )}
          </For>
        </ul>
      </nav>
      <Show when={removing()}>{(view) => <RemoveSearch view={view()} onClose={() => setRemoving(undefined)} />}</Show>
    </Show>
  )
}

function RemoveSearch(props: { view: View; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="auditView.remove"
      title={`Remove the saved search ${props.view.name}?`}
      verb="Remove"
      look="danger"
      input={() => ({ id: props.view.id })}
      done={() => `Saved search ${props.view.name} removed.`}
      onClose={props.onClose}
    >
      <p>
        {props.view.shared
          ? 'It disappears for everyone it is shared with. No audit entry is removed.'
          : 'No audit entry is removed.'}
      </p>
    </ActDialog>
  )
}

/** Keeps the filters that are set under a name. */
export function SaveSearch(props: { filters: Filters; onClose: () => void }): JSX.Element {
  const asked = (): Raw<'audit.stats'> => searchAsked(props.filters)
  return (
    <ActDialog
      name="auditView.save"
      title="Save this search"
      verb="Save"
      initial={{ name: '', shared: '' }}
      input={({ name = '', shared }) =>
        // the server checks each filter as it does in a search
        ({ ...asked(), sort: props.filters.value('sort'), name, shared: shared === 'yes' }) as Raw<'auditView.save'>
      }
      done={(view) => `Search saved as ${view.name}.`}
      onClose={props.onClose}
      fields={(form) => (
        <>
          <TextField
            label="Name"
            hint="A search of yours with the same name is replaced."
            autocomplete="off"
            value={form.values()['name']}
            problem={form.problem('name')}
            onText={form.set('name')}
          />
          <CheckField
            label="Share with everyone who can read the audit log"
            checked={form.values()['shared'] === 'yes'}
            onCheck={(checked) => form.set('shared')(checked ? 'yes' : '')}
          />
        </>
      )}
    >
      <p class="muted">Keeps the filters and the order. Relative times such as “last day” stay relative.</p>
    </ActDialog>
  )
}
