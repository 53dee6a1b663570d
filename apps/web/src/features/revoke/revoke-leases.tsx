import { useSearchParams } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import type { Blocked } from '../../ui/blocked.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { createForm, type Form } from '../../ui/form.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { ChooseLeases } from './choose-leases.tsx'
import { LookedAt } from './looked-at.tsx'
import { Revoked } from './revoked.tsx'
import { chosen, filterNames, isChosen, type Revocations } from './revoke-words.ts'
import '../../ui/acts.css'
import './revoke.css'

type Texts = Readonly<Record<string, string>>

/** What the audit log says of a look; the reason to revoke is asked for with what would be revoked in sight. */
const lookReason = 'only looked'

/** Revokes many leases at once: which they are is seen before anything is revoked, and what became of each after. */
export default function RevokeLeases(): JSX.Element {
  const [done, setDone] = createSignal<Revocations | null>(null)
  return (
    <Page
      title="Revoke leases"
      lead="Revoke all leases that match, such as all of one person. They are listed before anything is revoked."
    >
      <Show when={done()} fallback={<Choosing onDone={setDone} />}>
        {(answer) => <Revoked of={answer()} onAgain={() => setDone(null)} />}
      </Show>
    </Page>
  )
}

function createLook(): Form<Revocations> {
  const session = useSession()
  const [params] = useSearchParams<Record<string, string>>()
  return createForm({
    name: 'lease.revokeMany',
    initial: Object.fromEntries(filterNames.map((name) => [name, params[name] ?? ''])),
    input: (values) => ({ ...chosen(values), reason: lookReason, dryRun: true }),
    call: session.act,
  })
}

function Choosing(props: { onDone: (answer: Revocations) => void }): JSX.Element {
  const access = useAccess()
  const form = createLook()
  const [looked, setLooked] = createSignal<{ readonly values: Texts; readonly answer: Revocations } | null>(null)
  const why = (): Blocked =>
    access.why('lease.revokeMany') ?? (isChosen(form.values()) ? null : 'Choose by at least one of these.')
  /** What is revoked is what was seen: another choice has to be looked at anew. */
  const current = () => {
    const found = looked()
    return found !== null && found.values === form.values() ? found : null
  }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (why() !== null) return
    const values = form.values()
    const answer = await form.send()
    if (answer !== null) setLooked({ values, answer })
  }
  return (
    <>
      <form class="card form" onSubmit={(event) => void submit(event)}>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        <ChooseLeases form={form} />
        <div class="form-actions">
          <Button type="submit" look="primary" busy={form.busy()} blocked={why()}>
            Show leases
          </Button>
        </div>
        <Show when={why()}>{(reason) => <p class="acts-why">{reason()}</p>}</Show>
      </form>
      <Show when={current()}>
        {(found) => <Look values={found().values} answer={found().answer} onDone={props.onDone} />}
      </Show>
    </>
  )
}

function Look(props: { values: Texts; answer: Revocations; onDone: (answer: Revocations) => void }): JSX.Element {
  return (
    <Show
      when={props.answer.matching > 0}
      fallback={
        <Note tone="calm" title="No active lease matches.">
          Leases that have ended, and those that are already being revoked, are not counted.
        </Note>
      }
    >
      <Section title="What would be revoked">
        <LookedAt which={chosen(props.values)} answer={props.answer} onDone={props.onDone} />
      </Section>
    </Show>
  )
}
