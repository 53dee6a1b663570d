import { useBeforeLeave } from '@solidjs/router'
import { onCleanup, onMount } from 'solid-js'

/**
 * Warns before the page is left while a secret that is shown once has not been taken. `what` names it: `private key`.
 */
export function guardUntaken(what: string, taken: () => boolean): void {
  useBeforeLeave((event) => {
    if (taken() || event.defaultPrevented) return
    event.preventDefault()
    if (window.confirm(`You have not copied the ${what} yet, and it will not be shown again. Leave anyway?`))
      event.retry(true)
  })
  onMount(() => {
    const onUnload = (event: BeforeUnloadEvent): void => {
      if (!taken()) event.preventDefault()
    }
    window.addEventListener('beforeunload', onUnload)
    onCleanup(() => window.removeEventListener('beforeunload', onUnload))
  })
}
