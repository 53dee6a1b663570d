import { createRoot, createSignal, type Accessor } from 'solid-js'

/** What the person chose: their system's theme, or one of ours. */
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'gatehouse.theme'
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)')

const isTheme = (text: string | null): text is Theme => themes.some((theme) => theme === text)

function stored(): Theme {
  const text = localStorage.getItem(key)
  return isTheme(text) ? text : 'system'
}

function show(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'system' && systemIsDark.matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
}

const chosen = createRoot(() => createSignal<Theme>(stored()))

/** The theme chosen; follows the system until the person says otherwise. */
export const theme: Accessor<Theme> = chosen[0]

/** Chooses a theme, for this browser. */
export function chooseTheme(next: Theme): void {
  chosen[1](next)
  localStorage.setItem(key, next)
  show(next)
}

/** Puts the theme on the page, and keeps following the system. */
export function startTheme(): void {
  show(stored())
  systemIsDark.addEventListener('change', () => show(stored()))
}
