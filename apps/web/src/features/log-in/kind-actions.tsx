import type { JSX } from 'solid-js'
import { Button } from '../../ui/button.tsx'

/** The end of each kind's form: on, or back to the kinds. */
export function KindActions(props: { verb: string; busy: boolean; onBack: () => void }): JSX.Element {
  return (
    <div class="form-actions">
      <Button type="submit" look="primary" busy={props.busy}>
        {props.verb}
      </Button>
      <Button onClick={() => props.onBack()}>Back</Button>
    </div>
  )
}
