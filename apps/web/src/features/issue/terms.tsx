import type { JSX } from 'solid-js'
import { Facts } from '../../ui/panel.tsx'
import type { Terms } from './terms-words.ts'

/** What somebody is about to get: what it can do and how it ends. */
export function TermsNote(props: { of: Terms }): JSX.Element {
  return (
    <section class="terms" aria-label="Before you issue it">
      <h2>Before you issue it</h2>
      <TermsFacts of={props.of} />
    </section>
  )
}

/** The same, beside what has been issued. */
export function TermsFacts(props: { of: Terms }): JSX.Element {
  return (
    <Facts
      of={[
        ['Allows', props.of.can],
        ['Lifetime', props.of.lives],
        ['On expiry', props.of.end],
        ['If revoked', props.of.early],
      ]}
    />
  )
}
