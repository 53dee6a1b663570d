import { A, useLocation } from '@solidjs/router'
import { createEffect, createSignal, For, on, onCleanup, onMount, Show, Suspense, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { LogOut, Menu, Search, X } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { chooseTheme, theme, themes } from '../../theme.ts'
import { IconButton } from '../../ui/button.tsx'
import { Skeleton } from '../../ui/feedback.tsx'
import { AccessProvider, useAccess } from '../answer/use-access.tsx'
import { OpenAlerts } from '../alerts/open-alerts.tsx'
import { WaitingApprovals } from '../approvals/waiting-approvals.tsx'
import { EmergencyBanner } from '../emergency/emergency-banner.tsx'
import { LiveLeasesProvider } from '../leases/watching.tsx'
import { Brand } from '../log-in/brand.tsx'
import { UnreadNotices } from '../me/unread-notices.tsx'
import { Palette } from './palette.tsx'
import { placesFor } from './places.ts'
import { OfflineBanner, SpokenEnds } from './standing.tsx'
import './shell.css'

const isPaletteKey = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k'

/** The frame around every screen of a person who is in. */
export default function Shell(props: { children: JSX.Element }): JSX.Element {
  const [palette, setPalette] = createSignal(false)
  const [menu, setMenu] = createSignal(false)
  const location = useLocation()
  createEffect(
    on(
      () => location.pathname,
      () => setMenu(false),
      { defer: true },
    ),
  )
  onMount(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!isPaletteKey(event)) return
      event.preventDefault()
      setPalette((open) => !open)
    }
    window.addEventListener('keydown', onKey)
    onCleanup(() => window.removeEventListener('keydown', onKey))
  })
  return (
    <AccessProvider>
      <LiveLeasesProvider>
        <div class="shell">
          <a
            class="skip"
            href="#content"
            onClick={(event) => {
              event.preventDefault()
              document.getElementById('content')?.focus()
            }}
          >
            Skip to content
          </a>
          <TopBar open={menu()} onMenu={() => setMenu((open) => !open)} onSearch={() => setPalette(true)} />
          <div class="side" classList={{ 'side-open': menu() }} id="side">
            <div class="side-brand">
              <A href="/" class="side-home" aria-label="Gatehouse, overview">
                <Brand />
              </A>
            </div>
            <button
              type="button"
              class="side-search"
              title="Ctrl K"
              aria-keyshortcuts="Control+K Meta+K"
              onClick={() => setPalette(true)}
            >
              <Search aria-hidden="true" />
              Search or run a command
            </button>
            <Places />
            <Me />
          </div>
          <main class="content" id="content" tabindex="-1">
            <EmergencyBanner />
            <OfflineBanner />
            <Suspense fallback={<Skeleton lines={6} />}>{props.children}</Suspense>
          </main>
        </div>
        <SpokenEnds />
        <Palette open={palette()} onClose={() => setPalette(false)} />
      </LiveLeasesProvider>
    </AccessProvider>
  )
}

function TopBar(props: { open: boolean; onMenu: () => void; onSearch: () => void }): JSX.Element {
  return (
    <header class="top">
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-expanded={props.open}
        aria-controls="side"
        aria-label={props.open ? 'Close menu' : 'Menu'}
        onClick={() => props.onMenu()}
      >
        <Show when={props.open} fallback={<Menu aria-hidden="true" />}>
          <X aria-hidden="true" />
        </Show>
      </button>
      <Brand />
      <IconButton
        label="Search or run a command"
        icon={<Search aria-hidden="true" />}
        onClick={() => props.onSearch()}
      />
    </header>
  )
}

function Places(): JSX.Element {
  const access = useAccess()
  const location = useLocation()
  let places: HTMLElement | undefined
  // on a low screen the list scrolls: where one is, is seen
  createEffect(() => {
    access.known()
    void location.pathname
    requestAnimationFrame(() => places?.querySelector('.place-here')?.scrollIntoView({ block: 'nearest' }))
  })
  return (
    <nav
      class="places"
      aria-label="Main"
      ref={(element) => {
        places = element
      }}
    >
      <For each={placesFor(access.may)}>
        {(group) => (
          <div class="places-group">
            <Show when={group.name}>
              <p class="places-name">{group.name}</p>
            </Show>
            <ul>
              <For each={group.places}>
                {(place) => (
                  <li>
                    <A class="place" href={place.href} end={place.href === '/'} activeClass="place-here">
                      <Dynamic component={place.icon} aria-hidden="true" />
                      {place.name}
                      <Show when={place.counts === 'alerts'}>
                        <OpenAlerts />
                      </Show>
                      <Show when={place.counts === 'approvals'}>
                        <WaitingApprovals />
                      </Show>
                      <Show when={place.counts === 'notices'}>
                        <UnreadNotices />
                      </Show>
                    </A>
                  </li>
                )}
              </For>
            </ul>
          </div>
        )}
      </For>
    </nav>
  )
}

/** Who is here, as whom, and the way out. */
function Me(): JSX.Element {
  const session = useSession()
  return (
    <div class="me">
      <div class="me-who">
        <p class="me-name">{session.me()?.username}</p>
        <p class="muted">{session.me()?.roles.join(', ')}</p>
      </div>
      <IconButton label="Log out" icon={<LogOut aria-hidden="true" />} onClick={() => void session.logOut()} />
      <fieldset class="themes">
        <legend class="visually-hidden">Theme</legend>
        <For each={themes}>
          {(choice) => (
            <label class="theme" classList={{ 'theme-chosen': theme() === choice }}>
              <input
                class="visually-hidden"
                type="radio"
                name="theme"
                value={choice}
                checked={theme() === choice}
                onChange={() => chooseTheme(choice)}
              />
              {choice}
            </label>
          )}
        </For>
      </fieldset>
      <a class="me-reference" href="/reference" rel="external">
        API reference
      </a>
    </div>
  )
}
