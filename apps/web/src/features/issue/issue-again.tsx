import type { JSX } from 'solid-js'
import { Button } from '../../ui/button.tsx'

/** Back to the form; asks first where a secret that is shown once has not been taken. */
export function IssueAgain(props: { what: string; taken: boolean; onAgain: () => void }): JSX.Element {
  const sure = (): boolean =>
    props.taken ||
    window.confirm(`You have not copied the ${props.what} yet, and it will not be shown again. Continue anyway?`)
  return (
    <div class="form-actions">
      <Button
        onClick={() => {
          if (sure()) props.onAgain()
        }}
      >
        Issue another
      </Button>
    </div>
  )
}
