import { useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { SelectField } from '../../ui/field.tsx'
import { createFilters } from '../../ui/filters.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { shortWords } from '../../ui/time.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createPersonNames, Person } from '../people/person-names.tsx'
import { changeKindWords, shortVersion } from './policy-words.ts'
import { SetDiff } from './set-diff.tsx'

type Change = Wire<'policy.history'>['items'][number]

/** As many sets as can be compared with; older ones are reached from their own entry. */
const comparedMax = 200

/** One policy set of the history: what it was, what it changed, and the way back to it. */
export default function PolicyHistoryDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('policy.history', () => ({ first: comparedMax }))
  const found = (page: Wire<'policy.history'>): Change | undefined => page.items.find(({ id }) => id === params['id'])
  return (
    <SidePanel
      kind="Policy set"
      title={shortVersion(loaded.data()?.items.find(({ id }) => id === params['id'])?.version ?? 'Policy set')}
      back="/policy-history"
      wide
    >
      <Answer of={loaded}>
        {(page) => (
          <Show
            keyed
            when={found(page())}
            fallback={<Empty title="This policy set is no longer kept">The newest 200 sets are kept.</Empty>}
          >
            {(change) => <ChangeFacts change={change} all={page().items} />}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}

function ChangeFacts(props: { change: Change; all: readonly Change[] }): JSX.Element {
  const access = useAccess()
  const names = createPersonNames()
  const [going, setGoing] = createSignal(false)
  const blocked = (): string | null => (props.change.inForce ? 'This set is in force.' : access.why('policy.rollback'))
  return (
    <>
      <div class="row">
        <span>{changeKindWords(props.change.kind)}</span>
        <Show when={props.change.inForce}>
          <StateMark state="in force" />
        </Show>
      </div>
      <Facts
        of={[
          ['Since', <ExactMoment at={props.change.at} />],
          ['By', props.change.changedBy === null ? undefined : <Person id={props.change.changedBy} names={names()} />],
          ['Reason', props.change.reason ?? undefined],
          ['Policies', String(props.change.policies)],
          ['Version', <code>{props.change.version}</code>],
        ]}
      />
      <Acts of={[{ label: 'Roll back to this set', blocked: blocked(), run: () => setGoing(true) }]} />
      <Show when={access.may('policy.files')}>
        <Comparison change={props.change} all={props.all} />
      </Show>
      <Show when={going()}>
        <RollBack change={props.change} onClose={() => setGoing(false)} />
      </Show>
    </>
  )
}

function RollBack(props: { change: Change; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="policy.rollback"
      title={`Roll back to ${shortVersion(props.change.version)}?`}
      verb="Roll back"
      look="danger"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ to: props.change.id, reason })}
      done={({ version }) => `Policy set ${shortVersion(version)} is in force.`}
      onClose={props.onClose}
    >
      <p>
        {props.change.policies} policies of this set decide on every node from now on, until something is published or a
        policy file changes. It is refused if nobody could change policies any more.
      </p>
    </ActDialog>
  )
}

/** What this set changed, against the one before it or any other. The choice is in the URL. */
function Comparison(props: { change: Change; all: readonly Change[] }): JSX.Element {
  const filters = createFilters()
  const before = (): Change | undefined => props.all[props.all.indexOf(props.change) + 1]
  const other = (): Change | undefined => props.all.find(({ id }) => id === filters.value('with')) ?? before()
  const mine = createLoaded('policy.files', () => ({ change: props.change.id }))
  const theirs = createLoaded('policy.files', () => {
    const one = other()
    return one === undefined ? null : { change: one.id }
  })
  return (
    <PanelSection title="Compare">
      <Show
        when={other()}
        fallback={<p class="muted">This is the oldest set that is kept: there is nothing to compare it with.</p>}
      >
        {(one) => (
          <>
            <SelectField
              label="Changes since"
              value={one().id}
              options={props.all
                .filter(({ id }) => id !== props.change.id)
                .map((change) => [change.id, optionWords(change, before())] as const)}
              onText={(id) => filters.set('with', id)}
            />
            <Answer of={theirs}>
              {(old) => <Answer of={mine}>{(now) => <SetDiff before={old().files} after={now().files} />}</Answer>}
            </Answer>
          </>
        )}
      </Show>
    </PanelSection>
  )
}

function optionWords(change: Change, before: Change | undefined): string {
  const mark = change.inForce ? ' (in force)' : ''
  const previous = change.id === before?.id ? ' (the one before)' : ''
  const facts = [shortVersion(change.version), shortWords(change.at), changeKindWords(change.kind)]
  return `${facts.join(' · ')}${mark}${previous}`
}
