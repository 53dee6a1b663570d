import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../../loading.ts'
import { Acts } from '../../../ui/acts.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { ExactMoment, Moment } from '../../../ui/moment.tsx'
import { Page, Section } from '../../../ui/page.tsx'
import { Facts } from '../../../ui/panel.tsx'
import { ActDialog } from '../../answer/act-dialog.tsx'
import { Answer } from '../../answer/answer.tsx'
import { useAccess } from '../../answer/use-access.tsx'
import { createPersonNames, Person } from '../../people/person-names.tsx'
import { daysWords } from './hold-words.ts'
import { Holds } from './holds.tsx'
import './retention.css'

type Retention = Wire<'audit.retentionGet'>

/** For how long the audit log keeps entries, and what is held beyond that. */
export default function RetentionAndHolds(): JSX.Element {
  const loaded = createLoaded('audit.retentionGet', () => ({}))
  return (
    <Page
      title="Retention and holds"
      lead={
        'How long the audit log keeps entries, and what a legal hold keeps beyond that. The proof that nothing else ' +
        'is missing stays when an entry is removed.'
      }
      actions={
        <Button busy={loaded.loading()} onClick={() => void loaded.reload()}>
          Refresh
        </Button>
      }
    >
      <Answer of={loaded} lines={8}>
        {(retention) => (
          <>
            <Kept retention={retention()} onChange={loaded.put} />
            <Holds holds={retention().holds} reload={() => void loaded.reload()} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Kept(props: { retention: Retention; onChange: (retention: Retention) => void }): JSX.Element {
  const access = useAccess()
  const names = createPersonNames()
  const [changing, setChanging] = createSignal(false)
  return (
    <Section title="How long entries are kept">
      <ul class="kept">
        <KeptFor
          days={props.retention.days}
          what="Every entry"
          floor={`never less than ${daysWords(props.retention.floorDays)}, as the server's configuration says`}
        />
        <KeptFor
          days={props.retention.breakGlassDays}
          what="Emergency access"
          floor={`never less than ${daysWords(props.retention.floorBreakGlassDays)}`}
        />
      </ul>
      <Facts
        of={[
          [
            'Changed',
            <Show when={props.retention.updatedAt} fallback={<span class="muted">never: the minimum applies</span>}>
              {(at) => (
                <>
                  <Moment at={at()} />
                  <Show when={props.retention.updatedBy}>
                    {(id) => (
                      <>
                        {' '}
                        by <Person id={id()} names={names()} />
                      </>
                    )}
                  </Show>
                </>
              )}
            </Show>,
          ],
          [
            'Removed so far',
            <Show when={props.retention.prunedBefore} fallback={<span class="muted">nothing</span>}>
              {(at) => (
                <>
                  entries from before <ExactMoment at={at()} />
                </>
              )}
            </Show>,
          ],
        ]}
      />
      <Acts
        of={[{ label: 'Change retention', blocked: access.why('audit.retentionSet'), run: () => setChanging(true) }]}
      />
      <Show when={changing()}>
        <ChangeRetention retention={props.retention} onDone={props.onChange} onClose={() => setChanging(false)} />
      </Show>
    </Section>
  )
}

function KeptFor(props: { days: number; what: string; floor: string }): JSX.Element {
  return (
    <li class="card kept-for">
      <span class="muted">{props.what}</span>
      <strong>{daysWords(props.days)}</strong>
      <span class="muted">{props.floor}</span>
    </li>
  )
}

function ChangeRetention(props: {
  retention: Retention
  onDone: (retention: Retention) => void
  onClose: () => void
}): JSX.Element {
  /** What is not changed is not sent; what is no number is told by the contract. */
  const changed = (text: string | undefined, before: number): number | undefined =>
    text === undefined || text.trim() === String(before) ? undefined : Number(text)
  return (
    <ActDialog
      name="audit.retentionSet"
      title="Change retention"
      verb="Change"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{
        days: String(props.retention.days),
        breakGlassDays: String(props.retention.breakGlassDays),
        reason: '',
      }}
      input={({ days, breakGlassDays, reason = '' }) => ({
        days: changed(days, props.retention.days),
        breakGlassDays: changed(breakGlassDays, props.retention.breakGlassDays),
        reason,
      })}
      done={({ days }) => `Entries are kept for ${daysWords(days)}.`}
      fields={(form) => (
        <>
          <TextField
            label="Days that every entry is kept"
            hint={`At least ${props.retention.floorDays}.`}
            inputmode="numeric"
            autocomplete="off"
            value={form.values()['days']}
            problem={form.problem('days')}
            onText={form.set('days')}
          />
          <TextField
            label="Days that emergency access is kept"
            hint={`At least ${props.retention.floorBreakGlassDays}.`}
            inputmode="numeric"
            autocomplete="off"
            value={form.values()['breakGlassDays']}
            problem={form.problem('breakGlassDays')}
            onText={form.set('breakGlassDays')}
          />
        </>
      )}
    >
      <p>
        Entries that are older than the new number of days are removed within the hour, and cannot be brought back. What
        is under a legal hold stays.
      </p>
    </ActDialog>
  )
}
