/**
 * Takes an invitation out of the address's fragment: no server, log or `Referer` ever sees it there, and once taken it
 * stands
 * neither in the address nor in the browser's history. Null: there was none.
 */
export function takeInvitation(): string | null {
  const text = invitationOf(window.location.hash)
  if (text !== null)
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
  return text
}

/** `#<invitation>` or `#invitation=<invitation>`. */
export function invitationOf(fragment: string): string | null {
  const text = fragment.replace(/^#/, '').replace(/^(invitation|token|code)=/, '')
  return text === '' ? null : text
}
