import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm, type Form } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import type { CallName } from '../../wire.ts'
import { Problem } from './answer.tsx'

/**
 * One operation as a person does it: what it will do, what it asks for, what the button says, what is told once it is
 * done.
 */
export interface ActDialogProps<N extends CallName> {
  readonly name: N
  readonly title: string
  /** The verb on the button. */
  readonly verb: string
  readonly look?: 'primary' | 'danger'
  /** Exactly what will happen. */
  readonly children: JSX.Element
  /** The form's texts. With `reason` among them, the reason is asked for. */
  readonly initial?: Readonly<Record<string, string>>
  readonly input: (values: Readonly<Record<string, string>>) => Raw<N>
  readonly fields?: (form: Form<Wire<N>>) => JSX.Element
  /** What has to be typed before the button works: for what cannot be undone. */
  readonly typed?: string
  readonly done: (answer: Wire<N>) => string
  readonly onDone?: (answer: Wire<N>) => void
  readonly onClose: () => void
}

/** Asks before something is done, says exactly what will happen, steps up in place. */
export function ActDialog<N extends CallName>(props: ActDialogProps<N>): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const form = createForm<N>({
    name: props.name,
    initial: { ...props.initial, ...(props.typed === undefined ? {} : { typed: '' }) },
    input: (values) => props.input(values),
    call: session.act,
  })
  const value = (field: string): string => form.values()[field] ?? ''
  const confirmed = (): boolean => props.typed === undefined || value('typed').trim() === props.typed
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!confirmed()) return
    const answer = await form.send()
    if (answer === null) return
    tell(props.done(answer))
    props.onDone?.(answer)
    props.onClose()
  }
  return (
    <Dialog open title={props.title} onClose={() => props.onClose()}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <div class="stack-tight">{props.children}</div>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        {props.fields?.(form)}
        <Show when={props.initial !== undefined && 'reason' in props.initial}>
          <TextField
            label="Reason"
            hint="Recorded in the audit log."
            autocomplete="off"
            value={value('reason')}
            problem={form.problem('reason')}
            onText={form.set('reason')}
          />
        </Show>
        <Show when={props.typed}>
          {(name) => (
            <TextField
              label={`Type ${name()} to confirm`}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={value('typed')}
              onText={form.set('typed')}
            />
          )}
        </Show>
        <div class="form-actions">
          <Button type="submit" look={props.look ?? 'primary'} busy={form.busy()} disabled={!confirmed()}>
            {props.verb}
          </Button>
          <Button onClick={() => props.onClose()}>{props.verb.startsWith('Cancel') ? 'Back' : 'Cancel'}</Button>
        </div>
      </form>
    </Dialog>
  )
}
