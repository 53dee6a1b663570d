import { useNavigate } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import type { Blocked } from '../../ui/blocked.ts'
import { Button } from '../../ui/button.tsx'
import '../../ui/acts.css'

/**
 * The end of a form: the button that sends it, or why it can't be sent, and the way back. It is one button all the
 * time: whoever has come to it by Tab before it can be pressed stays there.
 */
export function FormActs(props: { verb: string; blocked: Blocked; busy: boolean }): JSX.Element {
  const navigate = useNavigate()
  return (
    <div class="acts">
      <div class="form-actions">
        <Button type="submit" look="primary" busy={props.busy} blocked={props.blocked}>
          {props.verb}
        </Button>
        <Button onClick={() => navigate(-1)}>Back</Button>
      </div>
      <Show when={props.blocked}>{(why) => <p class="acts-why">{why()}</p>}</Show>
    </div>
  )
}
