import { useNavigate } from '@solidjs/router'
import { createEffect, createMemo, createSignal, createUniqueId, For, on, Show, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import KeyRound from 'lucide-solid/icons/key-round'
import LogOut from 'lucide-solid/icons/log-out'
import ServerIcon from 'lucide-solid/icons/server'
import SunMoon from 'lucide-solid/icons/sun-moon'
import Timer from 'lucide-solid/icons/timer'
import MailPlus from 'lucide-solid/icons/mail-plus'
import UserPlus from 'lucide-solid/icons/user-plus'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import type { CallName } from '../../wire.ts'
import { chooseTheme } from '../../theme.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { useAccess, type Access } from '../answer/use-access.tsx'
import { isAlive } from '../leases/live-leases.ts'
import { useLiveLeases } from '../leases/watching.tsx'
import { filterEntries, type PaletteEntry } from './palette-entries.ts'
import { placesFor, type Place } from './places.ts'
import './palette.css'

type Entry = PaletteEntry & { readonly icon: Place['icon']; readonly run: () => void }

/** Acts by name, with what each of them calls: who can't call any of it is not offered it. */
const pages: readonly (readonly [name: string, icon: Place['icon'], href: string, calls: readonly CallName[]])[] = [
  ['Issue a credential', KeyRound, '/access/issue', ['sshKey.generate', 'sshCertificate.sign']],
  ['Register a host', ServerIcon, '/access/register-host', ['sshHost.register']],
  ['Invite a person', MailPlus, '/people/invite', ['user.invite']],
  ['Create a user', UserPlus, '/people/new', ['user.create']],
  ['Import users', UserPlus, '/people/import', ['user.import']],
  ['Create a token for a service account', KeyRound, '/programs/new-token', ['serviceAccount.list']],
]

const themeActs: readonly Entry[] = [
  { name: 'Light theme', kind: 'Action', icon: SunMoon, run: () => chooseTheme('light') },
  { name: 'Dark theme', kind: 'Action', icon: SunMoon, run: () => chooseTheme('dark') },
  { name: 'Use system theme', kind: 'Action', icon: SunMoon, run: () => chooseTheme('system') },
]

function actsFor(
  access: Access,
  { go, logOut }: { go: (href: string) => () => void; logOut: () => Promise<void> },
): readonly Entry[] {
  const reached = pages
    .filter(([, , , calls]) => access.whyNone(calls, 'do this') === null)
    .map(([name, icon, href]): Entry => ({ name, kind: 'Action', icon, run: go(href) }))
  return [...reached, ...themeActs, { name: 'Log out', kind: 'Action', icon: LogOut, run: () => void logOut() }]
}

function createEntries(open: () => boolean): () => readonly Entry[] {
  const session = useSession()
  const live = useLiveLeases()
  const navigate = useNavigate()
  const access = useAccess()
  const hosts = createLoaded('sshHost.list', () => (open() && access.may('sshHost.list') ? { first: 100 } : null))
  const go = (href: string) => (): void => navigate(href)
  const places = (): readonly Entry[] =>
    placesFor(access.may).flatMap(({ name, places: found }) =>
      found.map((place) => ({ name: place.name, kind: name ?? 'Page', icon: place.icon, run: go(place.href) })),
    )
  const acts = (): readonly Entry[] => actsFor(access, { go, logOut: session.logOut })
  const found = createMemo((): readonly Entry[] => [
    ...(hosts.data()?.items ?? []).flatMap((host): readonly Entry[] => [
      { name: host.name, kind: 'Host', icon: ServerIcon, run: go(`/access/hosts/${host.id}`) },
      {
        name: `Issue a credential for ${host.name}`,
        kind: 'Action',
        icon: KeyRound,
        run: go(`/access/issue?host=${encodeURIComponent(host.name)}`),
      },
    ]),
    ...[...live.leases().values()]
      .filter(isAlive)
      .map((lease): Entry => ({
        name: `${lease.role} · ${lease.principalName} · ${lease.purpose}`,
        kind: 'Lease',
        icon: Timer,
        run: go(`/access/leases/${lease.id}`),
      })),
  ])
  return () => [...acts().slice(0, 1), ...places(), ...acts().slice(1), ...found()]
}

/** Reaches every place and act by name: Ctrl or ⌘ K, a few letters, Enter. */
export function Palette(props: { open: boolean; onClose: () => void }): JSX.Element {
  const entries = createEntries(() => props.open)
  return (
    <Dialog open={props.open} title="Search or run a command" class="palette" onClose={() => props.onClose()}>
      <PaletteSearch entries={entries()} onDone={() => props.onClose()} />
    </Dialog>
  )
}

function PaletteSearch(props: { entries: readonly Entry[]; onDone: () => void }): JSX.Element {
  const id = createUniqueId()
  const [text, setText] = createSignal('')
  const [at, setAt] = createSignal(0)
  const shown = createMemo(() => filterEntries(props.entries, text()))
  createEffect(on(text, () => setAt(0)))
  const run = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    props.onDone()
    entry.run()
  }
  const move = (by: number): void => {
    const count = shown().length
    if (count === 0) return
    setAt((before) => (before + by + count) % count)
    document.getElementById(`${id}-${at()}`)?.scrollIntoView({ block: 'nearest' })
  }
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => run(shown()[at()]),
  }
  const onKey = (event: KeyboardEvent): void => {
    const act = keys[event.key]
    if (act === undefined || event.isComposing) return
    event.preventDefault()
    act()
  }
  return (
    <>
      <input
        class="input"
        type="text"
        role="combobox"
        aria-label="Search or run a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown().length > 0 ? `${id}-${at()}` : undefined}
        aria-autocomplete="list"
        placeholder="Page, action or host …"
        autocomplete="off"
        spellcheck={false}
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKey}
        ref={(element) => setTimeout(() => element.focus())}
      />
      <ul class="palette-list" role="listbox" id={`${id}-list`} aria-label="Results">
        <For each={shown()}>
          {(entry, index) => (
            <li
              class="palette-entry"
              role="option"
              id={`${id}-${index()}`}
              aria-selected={index() === at()}
              onPointerMove={() => setAt(index())}
              onClick={() => run(entry)}
            >
              <Dynamic component={entry.icon} aria-hidden="true" />
              <span class="palette-name">{entry.name}</span>
              <span class="muted palette-kind">{entry.kind}</span>
            </li>
          )}
        </For>
      </ul>
      <Show when={shown().length === 0}>
        <p class="muted" role="status">
          No results.
        </p>
      </Show>
    </>
  )
}
