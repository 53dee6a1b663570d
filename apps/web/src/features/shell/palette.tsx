import { useNavigate } from '@solidjs/router'
import {
  createEffect,
  createMemo,
  createSignal,
  createUniqueId,
  For,
  on,
  onCleanup,
  Show,
  type Accessor,
  type JSX,
} from 'solid-js'
import { Dynamic } from 'solid-js/web'
import type { Wire } from '@gatehouse/contract'
import {
  KeyRound,
  LogOut,
  MailPlus,
  PackageOpen,
  Server as ServerIcon,
  Siren,
  SunMoon,
  Timer,
  TimerOff,
  UserPlus,
  UserRound,
} from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import type { CallName } from '../../wire.ts'
import { chooseTheme } from '../../theme.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { useAccess, type Access } from '../answer/use-access.tsx'
import { isAlive, type Lease } from '../leases/live-leases.ts'
import { useLiveLeases } from '../leases/watching.tsx'
import { filterEntries, searchedWord, type PaletteEntry } from './palette-entries.ts'
import { placesFor, type Place } from './places.ts'
import './palette.css'

type Host = Wire<'sshHost.get'>
type User = Wire<'user.get'>
type Go = (href: string) => () => void
type Entry = PaletteEntry & { readonly icon: Place['icon']; readonly run: () => void }

/** Acts by name, with what each of them calls: who can't call any of it is not offered it. */
const pages: readonly (readonly [name: string, icon: Place['icon'], href: string, calls: readonly CallName[]])[] = [
  ['Issue a credential', KeyRound, '/access/issue', ['sshKey.generate', 'sshCertificate.sign', 'lease.issue']],
  ['Open a wrapped credential', PackageOpen, '/unwrap', ['lease.unwrap']],
  ['Revoke several leases', TimerOff, '/access/revoke', ['lease.revokeMany']],
  ['Request emergency access', Siren, '/emergency/new', ['breakGlass.request']],
  ['Register a host', ServerIcon, '/access/register-host', ['sshHost.register']],
  ['Import hosts', ServerIcon, '/access/import-hosts', ['sshHost.import']],
  ['Add a credential backend', ServerIcon, '/access/configure-backend', ['secretBackend.configure']],
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

function actsFor(access: Access, { go, logOut }: { go: Go; logOut: () => Promise<void> }): readonly Entry[] {
  const reached = pages
    .filter(([, , , calls]) => access.whyNone(calls, 'do this') === null)
    .map(([name, icon, href]): Entry => ({ name, kind: 'Action', icon, run: go(href) }))
  return [...reached, ...themeActs, { name: 'Log out', kind: 'Action', icon: LogOut, run: () => void logOut() }]
}

const hostEntries = (host: Host, go: Go): readonly Entry[] => [
  {
    name: host.name,
    kind: host.unbound ? 'Host · unbound' : 'Host',
    also: host.address,
    icon: ServerIcon,
    run: go(`/access/hosts/${host.id}`),
  },
  {
    name: `Issue a credential for ${host.name}`,
    kind: 'Action',
    icon: KeyRound,
    run: go(`/access/issue?host=${encodeURIComponent(host.name)}`),
  },
]

const userEntry = (user: User, go: Go): Entry => ({
  name: [user.username, user.displayName].filter((text) => text !== '').join(' · '),
  kind: 'User',
  also: user.email ?? '',
  icon: UserRound,
  run: go(`/people/users/${user.id}`),
})

const leaseEntry = (lease: Lease, go: Go): Entry => ({
  name: `${lease.role} · ${lease.principalName} · ${lease.purpose}`,
  kind: 'Lease',
  icon: Timer,
  run: go(`/access/leases/${lease.id}`),
})

/** As many as are looked for on the server; another letter narrows it down. */
const foundMax = 20

/** What can be picked, and whether more of it is on its way. */
interface Findable {
  readonly entries: Accessor<readonly Entry[]>
  readonly pending: Accessor<boolean>
}

/** Hosts and people whose names hold what was typed, and hosts to begin with. */
function createFound(searched: Accessor<string | null>, go: Go): Findable {
  const access = useAccess()
  const search = (name: 'sshHost.list' | 'user.list'): { first: number; search: string } | null => {
    const word = searched()
    return word !== null && access.may(name) ? { first: foundMax, search: word } : null
  }
  const someHosts = createLoaded('sshHost.list', () => (access.may('sshHost.list') ? { first: 100 } : null))
  const foundHosts = createLoaded('sshHost.list', () => search('sshHost.list'))
  const foundUsers = createLoaded('user.list', () => search('user.list'))
  const hosts = (): readonly Host[] => {
    const all = [...(someHosts.data()?.items ?? []), ...(foundHosts.data()?.items ?? [])]
    return [...new Map(all.map((host) => [host.id, host])).values()]
  }
  return {
    entries: () => [
      ...(foundUsers.data()?.items ?? []).map((user) => userEntry(user, go)),
      ...hosts().flatMap((host) => hostEntries(host, go)),
    ],
    pending: () => [someHosts, foundHosts, foundUsers].some((asked) => asked.loading()),
  }
}

function createFindable(searched: Accessor<string | null>): Findable {
  const session = useSession()
  const live = useLiveLeases()
  const navigate = useNavigate()
  const access = useAccess()
  const go: Go = (href) => () => navigate(href)
  const places = (): readonly Entry[] =>
    placesFor(access.may).flatMap(({ name, places: found }) =>
      found.map((place) => ({ name: place.name, kind: name ?? 'Page', icon: place.icon, run: go(place.href) })),
    )
  const acts = (): readonly Entry[] => actsFor(access, { go, logOut: session.logOut })
  const found = createFound(searched, go)
  const leases = (): readonly Entry[] =>
    [...live.leases().values()].filter(isAlive).map((lease) => leaseEntry(lease, go))
  return {
    entries: createMemo(() => [
      ...acts().slice(0, 1),
      ...places(),
      ...acts().slice(1),
      ...found.entries(),
      ...leases(),
    ]),
    pending: () => !access.known() || found.pending(),
  }
}

/** Reaches every place, act, host and person by name: Ctrl or ⌘ K, a few letters, Enter. */
export function Palette(props: { open: boolean; onClose: () => void }): JSX.Element {
  return (
    <Dialog open={props.open} title="Search or run a command" class="palette" onClose={() => props.onClose()}>
      <PaletteSearch onDone={() => props.onClose()} />
    </Dialog>
  )
}

/** What was typed, once typing has settled: each search is a call. */
const settledAfterMs = 250

function createSettled(text: Accessor<string>): Accessor<string> {
  const [settled, setSettled] = createSignal(text())
  createEffect(() => {
    const typed = text()
    const timer = setTimeout(() => setSettled(typed), settledAfterMs)
    onCleanup(() => clearTimeout(timer))
  })
  return settled
}

/**
 * Which of the shown entries is picked, moved by the arrow keys and run by Enter. Enter before anything is found waits
 * for what is on its way, until other text is typed.
 */
function createPick(props: {
  id: string
  text: Accessor<string>
  shown: Accessor<readonly Entry[]>
  pending: Accessor<boolean>
  run: (entry: Entry) => void
}): { at: Accessor<number>; setAt: (at: number) => void; onKey: (event: KeyboardEvent) => void } {
  const [at, setAt] = createSignal(0)
  const [entered, setEntered] = createSignal(false)
  createEffect(
    on(props.text, () => {
      setAt(0)
      setEntered(false)
    }),
  )
  createEffect(() => {
    if (!entered()) return
    const entry = props.shown()[at()]
    if (entry !== undefined) props.run(entry)
    else if (!props.pending()) setEntered(false)
  })
  const move = (by: number): void => {
    const count = props.shown().length
    if (count === 0) return
    setAt((before) => (before + by + count) % count)
    document.getElementById(`${props.id}-${at()}`)?.scrollIntoView({ block: 'nearest' })
  }
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => setEntered(true),
  }
  const onKey = (event: KeyboardEvent): void => {
    const act = keys[event.key]
    if (act === undefined || event.isComposing) return
    event.preventDefault()
    act()
  }
  return { at, setAt, onKey }
}

function PaletteSearch(props: { onDone: () => void }): JSX.Element {
  const id = createUniqueId()
  const [text, setText] = createSignal('')
  const settled = createSettled(text)
  const findable = createFindable(() => searchedWord(settled()))
  const shown = createMemo(() => filterEntries(findable.entries(), text()))
  const pending = (): boolean => settled() !== text() || findable.pending()
  const run = (entry: Entry): void => {
    props.onDone()
    entry.run()
  }
  const pick = createPick({ id, text, shown, pending, run })
  return (
    <>
      <input
        class="input"
        type="text"
        role="combobox"
        aria-label="Search or run a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown().length > 0 ? `${id}-${pick.at()}` : undefined}
        aria-autocomplete="list"
        placeholder="Page, action, host or person …"
        autocomplete="off"
        spellcheck={false}
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={pick.onKey}
        ref={(element) => setTimeout(() => element.focus())}
      />
      <Results id={id} shown={shown()} pending={pending()} at={pick.at()} onPoint={pick.setAt} onRun={run} />
    </>
  )
}

function Results(props: {
  id: string
  shown: readonly Entry[]
  pending: boolean
  at: number
  onPoint: (at: number) => void
  onRun: (entry: Entry) => void
}): JSX.Element {
  return (
    <>
      <ul class="palette-list" role="listbox" id={`${props.id}-list`} aria-label="Results">
        <For each={props.shown}>
          {(entry, index) => (
            <li
              class="palette-entry"
              role="option"
              id={`${props.id}-${index()}`}
              aria-selected={index() === props.at}
              onPointerMove={() => props.onPoint(index())}
              onClick={() => props.onRun(entry)}
            >
              <Dynamic component={entry.icon} aria-hidden="true" />
              <span class="palette-name">{entry.name}</span>
              <span class="muted palette-kind">{entry.kind}</span>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.shown.length === 0}>
        <p class="muted" role="status">
          {props.pending ? 'Searching …' : 'No results.'}
        </p>
      </Show>
    </>
  )
}
