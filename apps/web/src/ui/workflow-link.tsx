import { ExternalLink } from '../generated/icons.tsx'
import { Show, type JSX } from 'solid-js'

/** The workflow that looks after a thing, where Temporal Web is there to show it. */
export const WorkflowLink = (props: { url: string | null }): JSX.Element => (
  <Show when={props.url}>
    {(url) => (
      <p>
        <a href={url()} target="_blank" rel="noreferrer">
          Workflow in Temporal Web <ExternalLink aria-hidden="true" width="13" height="13" />
        </a>
      </p>
    )}
  </Show>
)
