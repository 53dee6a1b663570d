import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import type { ActProps } from './incident-acts.tsx'
import { actionState } from './incident-words.ts'

type Incident = Wire<'incident.get'>
type Action = Incident['actions'][number]

/** What is done so that it does not happen again. */
export function Work(props: { incident: Incident; reload: () => void }): JSX.Element {
  const access = useAccess()
  const [adding, setAdding] = createSignal(false)
  const [finishing, setFinishing] = createSignal<Action | null>(null)
  return (
    <PanelSection title="Actions">
      <Show when={props.incident.actions.length > 0} fallback={<p class="muted">None yet.</p>}>
        <ul class="incident-list">
          <For each={props.incident.actions}>
            {(action) => (
              <li>
                <p class="incident-text">{action.what}</p>
                <ActionFacts action={action} />
                <Show when={action.doneAt === null && access.may('incident.update')}>
                  <Button
                    class="button-small"
                    aria-label={`Mark as done: ${action.what}`}
                    onClick={() => setFinishing(action)}
                  >
                    Mark as done
                  </Button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Acts of={[{ label: 'Add action', blocked: access.why('incident.update'), run: () => setAdding(true) }]} />
      <Show when={adding()}>
        <AddAction incident={props.incident} onDone={() => props.reload()} onClose={() => setAdding(false)} />
      </Show>
      <Show when={finishing()}>
        {(action) => (
          <FinishAction
            incident={props.incident}
            action={action()}
            onDone={() => props.reload()}
            onClose={() => setFinishing(null)}
          />
        )}
      </Show>
    </PanelSection>
  )
}

function ActionFacts(props: { action: Action }): JSX.Element {
  return (
    <p class="row">
      <StateMark state={actionState(props.action, Date.now())} />
      <span class="muted">
        <Show
          when={props.action.doneAt}
          fallback={
            <>
              {props.action.owner ?? 'no owner'}
              <Show when={props.action.dueAt}>
                {(dueAt) => (
                  <>
                    , due <Moment at={dueAt()} />
                  </>
                )}
              </Show>
            </>
          }
        >
          {(doneAt) => (
            <>
              by {props.action.doneBy ?? 'somebody who is gone'}, <Moment at={doneAt()} />
            </>
          )}
        </Show>
      </span>
    </p>
  )
}

/** A day lasts until its end, where the person is. */
function endOfDay(day: string | undefined): string | undefined {
  const end = new Date(`${day ?? ''}T23:59:59`)
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString()
}

function AddAction(props: ActProps): JSX.Element {
  const session = useSession()
  return (
    <ActDialog
      name="incident.update"
      title="Add an action"
      verb="Add action"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ action: '', actionOwner: session.me()?.username ?? '', actionDueAt: '' }}
      input={({ action = '', actionOwner, actionDueAt }) => ({
        id: props.incident.id,
        action: action.trim(),
        actionOwner: given(actionOwner),
        actionDueAt: endOfDay(actionDueAt),
      })}
      done={() => 'Action added.'}
      fields={(form) => (
        <>
          <TextField
            label="What"
            hint="Something that is done so that it does not happen again."
            autocomplete="off"
            value={form.values()['action'] ?? ''}
            problem={form.problem('action')}
            onText={form.set('action')}
          />
          <TextField
            label="Owner (user name)"
            autocomplete="off"
            autocapitalize="none"
            value={form.values()['actionOwner'] ?? ''}
            problem={form.problem('actionOwner')}
            onText={form.set('actionOwner')}
          />
          <TextField
            label="Due on (optional)"
            type="date"
            value={form.values()['actionDueAt'] ?? ''}
            problem={form.problem('actionDueAt')}
            onText={form.set('actionDueAt')}
          />
        </>
      )}
    >
      <p>The incident cannot be closed while an action is open, save with a reason.</p>
    </ActDialog>
  )
}

function FinishAction(props: ActProps & { action: Action }): JSX.Element {
  return (
    <ActDialog
      name="incident.update"
      title="Mark this action as done?"
      verb="Mark as done"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      input={() => ({ id: props.incident.id, actionDone: props.action.id })}
      done={() => 'Action done.'}
    >
      <p class="incident-text">{props.action.what}</p>
      <p>It stands in the timeline with your name.</p>
    </ActDialog>
  )
}
