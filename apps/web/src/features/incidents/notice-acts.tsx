import type { Raw, Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { TextAreaField, TextField } from '../../ui/field.tsx'
import { given, type Form } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import type { ActProps } from './incident-acts.tsx'
import { noticeToSend, partsOf, partText, type Part } from './notice-parts.ts'

type NoticeForm = Form<Wire<'incident.notifyBreach'>>

/** Writes the next version of the notice: a draft until somebody has sent it. */
export function WriteNotice(props: ActProps): JSX.Element {
  const before = props.incident.notices[0]
  const parts = partsOf(props.incident, Date.now())
  return (
    <ActDialog
      name="incident.notifyBreach"
      title="Write the notice"
      verb="Save version"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={Object.fromEntries(parts.map(({ name }) => [name, partText(before, name)]))}
      input={(values) => noticeToSend(props.incident.id, { before, values })}
      done={({ version, missing }) =>
        missing.length === 0 ? `Version ${version} is complete.` : `Version ${version} saved.`
      }
      fields={(form) => <For each={parts}>{(part) => <PartField part={part} form={form} />}</For>}
    >
      <p>
        Leave empty what is not known yet: it follows in a later version. Gatehouse sends nothing. When you have sent
        it, record to whom.
      </p>
    </ActDialog>
  )
}

function PartField(props: { part: Part; form: NoticeForm }): JSX.Element {
  const field = {
    get label() {
      return props.part.label
    },
    get hint() {
      return props.part.hint
    },
    get value() {
      return props.form.values()[props.part.name] ?? ''
    },
    get problem() {
      return props.form.problem(props.part.name)
    },
    get onText() {
      return props.form.set(props.part.name)
    },
  }
  return (
    <Show
      when={props.part.kind === 'prose'}
      fallback={
        <TextField {...field} autocomplete="off" inputmode={props.part.kind === 'count' ? 'numeric' : undefined} />
      }
    >
      <TextAreaField {...field} />
    </Show>
  )
}

/** Records that the notice was sent: that ends the clocks. */
export function SendNotice(props: ActProps): JSX.Element {
  const missing = props.incident.notices[0]?.missing ?? ['all of it']
  return (
    <ActDialog
      name="incident.notifyBreach"
      title="Record that the notice was sent"
      verb="Record sending"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ authority: '', sentAt: '' }}
      input={({ authority, sentAt }): Raw<'incident.notifyBreach'> => ({
        id: props.incident.id,
        authority: authority?.trim() ?? '',
        sentAt: given(sentAt),
      })}
      done={({ sentTo }) => `Recorded: sent to ${sentTo}.`}
      fields={(form) => (
        <>
          <TextField
            label="Authority"
            hint="Whom you have sent it to."
            autocomplete="off"
            value={form.values()['authority'] ?? ''}
            problem={form.problem('authority')}
            onText={form.set('authority')}
          />
          <TextField
            label="Sent (optional)"
            hint="A time, or how long ago, such as 2h. Empty: now."
            autocomplete="off"
            value={form.values()['sentAt'] ?? ''}
            problem={form.problem('sentAt')}
            onText={form.set('sentAt')}
          />
        </>
      )}
    >
      <p>This ends the clocks of the notice, and stands in the timeline with your name.</p>
      <Show when={missing.length > 0}>
        <p>Still missing: {missing.join(', ')}. It may follow later.</p>
      </Show>
    </ActDialog>
  )
}
