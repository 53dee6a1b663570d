import type { Wire } from '@gatehouse/contract'
import { createResource, createSignal, For, Show, type JSX } from 'solid-js'
import { Portal } from 'solid-js/web'
import { Download, Printer } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { SecretBlock } from '../../ui/copy.tsx'
import { Skeleton } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { saveText } from '../../ui/save-text.ts'
import { exactWords } from '../../ui/time.ts'
import { Problem } from '../answer/answer.tsx'
import './new-backup-codes.css'

type Codes = Wire<'backupCode.regenerate'>

/** Ten new codes: to copy, print or save, then in force by typing one of them. */
export function NewBackupCodes(props: {
  laterLabel: string
  onLater: () => void
  onDone: (status: Wire<'backupCode.confirm'>) => void
}): JSX.Element {
  const session = useSession()
  const [codes, { refetch }] = createResource(() => session.act('backupCode.regenerate', {}))
  const later = <Button onClick={() => props.onLater()}>{props.laterLabel}</Button>
  return (
    <Show
      when={codes.state !== 'errored'}
      fallback={
        <>
          <Problem error={codes.error} retry={() => void refetch()} />
          <div class="form-actions">{later}</div>
        </>
      }
    >
      <Show when={codes.state === 'ready' && codes()} fallback={<Skeleton lines={4} />}>
        {(given) => <ConfirmCodes codes={given()} later={later} onDone={props.onDone} />}
      </Show>
    </Show>
  )
}

function ConfirmCodes(props: {
  codes: Codes
  later: JSX.Element
  onDone: (status: Wire<'backupCode.confirm'>) => void
}): JSX.Element {
  const session = useSession()
  const [taken, setTaken] = createSignal(false)
  guardUntaken('list of backup codes', taken)
  const text = (): string => props.codes.codes.join('\n')
  const form = createForm({
    name: 'backupCode.confirm',
    initial: { code: '' },
    input: ({ code = '' }) => ({ id: props.codes.id, code }),
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const status = await form.send()
    if (status === null) return
    setTaken(true)
    props.onDone(status)
  }
  const take = (how: () => void): void => {
    how()
    setTaken(true)
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <SecretBlock secret={text()} what="backup codes" onTaken={() => setTaken(true)}>
        <Button class="button-small" icon={<Printer aria-hidden="true" />} onClick={() => take(() => window.print())}>
          Print
        </Button>
        <Button
          class="button-small"
          icon={<Download aria-hidden="true" />}
          onClick={() =>
            take(() => saveText(slipText(props.codes, session.me()?.username ?? ''), 'gatehouse-backup-codes.txt'))
          }
        >
          Save as text
        </Button>
      </SecretBlock>
      <PrintSlip codes={props.codes} username={session.me()?.username ?? ''} />
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <TextField
        label="Enter one of the codes"
        hint="This confirms that you saved the codes and activates them. The code is not used up."
        class="mono"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={form.values()['code'] ?? ''}
        problem={form.problem('code')}
        onText={form.set('code')}
      />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()}>
          Activate codes
        </Button>
        {props.later}
      </div>
    </form>
  )
}

const use =
  'Each code replaces your second factor once, after your password. You then have 10 minutes to ' +
  'add a new authenticator.'

const slipText = ({ codes }: Codes, username: string): string =>
  [
    `Gatehouse backup codes of ${username}`,
    window.location.host,
    '',
    ...codes,
    '',
    use,
    'Store them in a safe place, separate from your password.',
    '',
  ].join('\n')

/** What the printer gets instead of the page. */
function PrintSlip(props: { codes: Codes; username: string }): JSX.Element {
  return (
    <Portal
      ref={(element) => {
        element.className = 'print-slip'
      }}
    >
      <div aria-hidden="true">
        <p class="print-slip-title">Gatehouse backup codes</p>
        <p>
          {props.username} · {window.location.host} · {exactWords(new Date().toISOString())}
        </p>
        <ol>
          <For each={props.codes.codes}>{(code) => <li>{code}</li>}</For>
        </ol>
        <p>{use} Store them in a safe place, separate from your password.</p>
      </div>
    </Portal>
  )
}
