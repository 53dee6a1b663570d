import { documents } from '../../generated/documents.ts'

/** What a scope can name below one noun: its operations, with what each does. */
export interface ScopeNoun {
  readonly noun: string
  readonly operations: readonly { readonly name: string; readonly summary: string; readonly reads: boolean }[]
}

/**
 * Nouns that are for a person in front of a page or a terminal: no program has a password or a session to look after.
 */
const forPeopleOnly: ReadonlySet<string> = new Set([
  'auth',
  'password',
  'totp',
  'webauthn',
  'backupCode',
  'mfa',
  'authenticator',
  'notification',
  'session',
])

const nounOf = (name: string): string => name.split('.')[0] ?? name

/** Everything that a scope can name, by noun. */
export const scopeNouns: readonly ScopeNoun[] = [...Map.groupBy(Object.entries(documents), ([name]) => nounOf(name))]
  .filter(([noun]) => !forPeopleOnly.has(noun))
  .toSorted(([a], [b]) => a.localeCompare(b))
  .map(([noun, entries]) => ({
    noun,
    operations: entries.map(([name, { summary, kind }]) => ({ name, summary, reads: kind !== 'mutation' })),
  }))

/** The whole of a noun, as a scope. */
export const wholeOf = (noun: string): string => `${noun}.*`

/** Picks or unpicks a scope; the whole of a noun takes the place of its parts. */
export function toggled(scopes: readonly string[], scope: string): readonly string[] {
  if (scopes.includes(scope)) return scopes.filter((one) => one !== scope)
  const kept = scope.endsWith('.*') ? scopes.filter((one) => nounOf(one) !== nounOf(scope)) : scopes
  return [...kept, scope]
}

/** A scope in words: `read only`, `all of lease`, `lease.issue`. */
export function scopeWords(scope: string): string {
  if (scope === 'read') return 'read only'
  return scope.endsWith('.*') ? `all of ${nounOf(scope)}` : scope
}
