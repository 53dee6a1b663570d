import type { JSX } from 'solid-js'
import { Page } from '../../ui/page.tsx'
import { UnwrapForm } from './unwrap-form.tsx'
import '../issue/issue.css'

/** The same for somebody who is logged in. */
export default function Unwrap(): JSX.Element {
  return (
    <Page title="Open a wrapped credential" lead="Paste the token that you were given.">
      <div class="card stack narrow">
        <UnwrapForm />
      </div>
    </Page>
  )
}
