import { A, useLocation } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Bookmark, X } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { TextField } from '../../ui/field.tsx'
import { queryOf } from '../../ui/query-of.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { queryOfView, viewNames } from './view-query.ts'
import '../../ui/saved-views.css'

type View = Wire<'leaseView.save'>

/** As many as a person can have. */
const viewsAsked = 100

/** Views of leases that the person keeps, each a link. */
export function SavedViews(): JSX.Element {
  const location = useLocation()
  const loaded = createLoaded('leaseView.list', () => ({ first: viewsAsked }))
  const [removing, setRemoving] = createSignal<View>()
  const isOpen = (view: View): boolean => queryOfView(view.filters) === queryOf(location.search, viewNames)
  return (
    <Show when={(loaded.data()?.items.length ?? 0) > 0}>
      <nav class="searches" aria-label="Saved views">
        <span class="searches-title">Saved views</span>
        <ul>
          <For each={loaded.data()?.items}>
            {(view) => (
              <li class="search-chip" classList={{ 'search-open': isOpen(view) }}>
                <A
                  href={`/access/leases${queryOfView(view.filters)}`}
                  aria-current={isOpen(view) ? 'true' : undefined}
                  noScroll
                >
                  {view.name}
                </A>
                <IconButton
                  class="button-small"
                  label={`Remove the saved view ${view.name}`}
                  icon={<X aria-hidden="true" />}
                  onClick={() => setRemoving(() => view)}
                />
              </li>
            )}
          </For>
        </ul>
      </nav>
      <Show when={removing()}>{(view) => <RemoveView view={view()} onClose={() => setRemoving(undefined)} />}</Show>
    </Show>
  )
}

function RemoveView(props: { view: View; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="leaseView.remove"
      title={`Remove the saved view ${props.view.name}?`}
      verb="Remove"
      look="danger"
      input={() => ({ id: props.view.id })}
      done={() => `Saved view ${props.view.name} removed.`}
      onClose={props.onClose}
    >
      <p>No lease is changed.</p>
    </ActDialog>
  )
}

/** Keeps the view that is open, and copies its link for somebody else; of a list that is not narrowed, nothing. */
export function SavedViewActs(): JSX.Element {
  const location = useLocation()
  const [saving, setSaving] = createSignal(false)
  const query = (): string => queryOf(location.search, viewNames)
  const link = (): string => `${window.location.origin}${window.location.pathname}${query()}`
  return (
    <>
      <Show when={query() !== ''}>
        <Button icon={<Bookmark aria-hidden="true" />} onClick={() => setSaving(true)}>
          Save view
        </Button>
        <CopyButton text={link()} what="link to this view" label="Copy link" />
      </Show>
      <Show when={saving()}>
        <SaveView query={query()} onClose={() => setSaving(false)} />
      </Show>
    </>
  )
}

function SaveView(props: { query: string; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="leaseView.save"
      title="Save this view"
      verb="Save"
      initial={{ name: '' }}
      input={({ name = '' }) =>
        // the server checks each filter as it does in the list
        ({ ...Object.fromEntries(new URLSearchParams(props.query)), name }) as Raw<'leaseView.save'>
      }
      done={(view) => `View saved as ${view.name}.`}
      onClose={props.onClose}
      fields={(form) => (
        <TextField
          label="Name"
          hint="A view of yours with the same name is replaced."
          autocomplete="off"
          value={form.values()['name']}
          problem={form.problem('name')}
          onText={form.set('name')}
        />
      )}
    >
      <p class="muted">Keeps the filters and the order, for you alone. To share a view, copy its link.</p>
    </ActDialog>
  )
}
