import { useNavigate } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { Acts } from '../../ui/acts.tsx'
import type { Blocked } from '../../ui/blocked.ts'
import { Button } from '../../ui/button.tsx'

/** The end of a form: the button that sends it, or why it can't be sent, and the way back. */
export function FormActs(props: { verb: string; blocked: Blocked; busy: boolean }): JSX.Element {
  const navigate = useNavigate()
  return (
    <Show
      when={props.blocked === null}
      fallback={
        <Acts
          of={[
            { label: props.verb, look: 'primary', blocked: props.blocked },
            { label: 'Back', blocked: null, run: () => navigate(-1) },
          ]}
        />
      }
    >
      <div class="form-actions">
        <Button type="submit" look="primary" busy={props.busy}>
          {props.verb}
        </Button>
        <Button onClick={() => navigate(-1)}>Back</Button>
      </div>
    </Show>
  )
}
