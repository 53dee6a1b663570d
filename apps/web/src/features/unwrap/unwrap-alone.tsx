import type { JSX } from 'solid-js'
import { Title } from '../../ui/title.tsx'
import { Brand } from '../log-in/brand.tsx'
import { UnwrapForm } from './unwrap-form.tsx'
import '../issue/issue.css'
import '../log-in/log-in.css'

/** For somebody who was handed a wrapped credential and is not logged in: the token is all that it takes. */
export default function UnwrapAlone(): JSX.Element {
  return (
    <main class="log-in">
      <Title of="Open a wrapped credential" />
      <div class="log-in-card log-in-card-wide">
        <Brand />
        <h1>Open a wrapped credential</h1>
        <UnwrapForm />
      </div>
    </main>
  )
}
