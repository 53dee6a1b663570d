import type { JSX } from 'solid-js'

/** The mark and the name: a gate with its bars down. */
export function Brand(): JSX.Element {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
        <rect class="brand-ground" width="32" height="32" rx="7" />
        <path class="brand-gate" d="M7 25V14a9 9 0 0 1 18 0v11M12 25v-9m4 9v-9m4 9v-9M10 16h12" />
      </svg>
      Gatehouse
    </span>
  )
}
