import { A, useLocation } from '@solidjs/router'
import { createSignal, For, onCleanup, Show, type Accessor, type JSX } from 'solid-js'
import { Bookmark, X } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { queryOf, viewNameMax, viewsIn, withoutView, withView, type KeptView } from '../../ui/kept-views.ts'
import { useNotices } from '../../ui/notices.tsx'
import '../../ui/saved-views.css'

/** Views of a list that the person keeps in this browser. */
export interface SavedViews {
  readonly all: Accessor<readonly KeptView[]>
  /** The view that the address asks for now. */
  readonly query: Accessor<string>
  /** False: there are too many already. */
  readonly save: (name: string) => boolean
  readonly remove: (name: string) => void
}

/** What is kept of a list, and which of its parameters. */
interface ViewsOf {
  readonly list: string
  readonly names: readonly string[]
}

/** Keeps views of a list by the person: whoever logs in next in this browser has their own. */
export function createSavedViews({ list, names }: ViewsOf): SavedViews {
  const session = useSession()
  const location = useLocation()
  const place = (): string => `gatehouse.views.${list}.${session.me()?.id ?? ''}`
  const read = (): readonly KeptView[] => viewsIn(localStorage.getItem(place()))
  const [all, setAll] = createSignal(read())
  const keep = (views: readonly KeptView[]): void => {
    localStorage.setItem(place(), JSON.stringify(views))
    setAll(views)
  }
  const onOtherTab = (): void => void setAll(read())
  window.addEventListener('storage', onOtherTab)
  onCleanup(() => window.removeEventListener('storage', onOtherTab))
  const query = (): string => queryOf(location.search, names)
  return {
    all,
    query,
    save: (name) => {
      const views = withView(read(), { name, query: query() })
      if (views !== null) keep(views)
      return views !== null
    },
    remove: (name) => keep(withoutView(read(), name)),
  }
}

/** The views that are kept, each a link. */
export function SavedViewList(props: { of: SavedViews; href: string }): JSX.Element {
  const isOpen = (view: KeptView): boolean => view.query === props.of.query()
  return (
    <Show when={props.of.all().length > 0}>
      <nav class="searches" aria-label="Saved views">
        <span class="searches-title">Saved views</span>
        <ul>
          <For each={props.of.all()}>
            {(view) => (
              <li class="search-chip" classList={{ 'search-open': isOpen(view) }}>
                <A href={`${props.href}${view.query}`} aria-current={isOpen(view) ? 'true' : undefined} noScroll>
                  {view.name}
                </A>
                <IconButton
                  class="button-small"
                  label={`Remove the saved view ${view.name}`}
                  icon={<X aria-hidden="true" />}
                  onClick={() => props.of.remove(view.name)}
                />
              </li>
            )}
          </For>
        </ul>
      </nav>
    </Show>
  )
}

/** Keeps the view that is open, and copies its link for somebody else; of a list that is not narrowed, nothing. */
export function SavedViewActs(props: { of: SavedViews }): JSX.Element {
  const [saving, setSaving] = createSignal(false)
  const link = (): string => `${window.location.origin}${window.location.pathname}${props.of.query()}`
  return (
    <>
      <Show when={props.of.query() !== ''}>
        <Button icon={<Bookmark aria-hidden="true" />} onClick={() => setSaving(true)}>
          Save view
        </Button>
        <CopyButton text={link()} what="link to this view" label="Copy link" />
      </Show>
      <Show when={saving()}>
        <SaveView of={props.of} onClose={() => setSaving(false)} />
      </Show>
    </>
  )
}

function SaveView(props: { of: SavedViews; onClose: () => void }): JSX.Element {
  const { tell } = useNotices()
  const [name, setName] = createSignal('')
  const [problem, setProblem] = createSignal<string | undefined>()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const wanted = name().trim()
    if (wanted === '') return void setProblem('Required')
    if (!props.of.save(wanted)) return void setProblem('There are too many saved views; remove one first.')
    tell(`View saved as ${wanted}.`)
    props.onClose()
  }
  return (
    <Dialog open title="Save this view" onClose={() => props.onClose()}>
      <form class="form" onSubmit={submit}>
        <p class="muted">
          Keeps the filters and the order in this browser, for you alone. To share a view, copy its link.
        </p>
        <TextField
          label="Name"
          hint="A view of yours with the same name is replaced."
          autocomplete="off"
          maxlength={viewNameMax}
          value={name()}
          problem={problem()}
          onText={(text) => {
            setName(text)
            setProblem(undefined)
          }}
        />
        <div class="form-actions">
          <Button type="submit" look="primary">
            Save
          </Button>
          <Button onClick={() => props.onClose()}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  )
}
