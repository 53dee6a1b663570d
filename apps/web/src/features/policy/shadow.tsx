import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { FlaskConical } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { Empty, Note } from '../../ui/feedback.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { numberWords } from '../audit/facet-words.ts'
import { createPersonNames, Person } from '../people/person-names.tsx'
import { callerWords, shortVersion } from './policy-words.ts'
import { WouldBeBy } from './would-be-by.tsx'
import { Tally } from './simulation.tsx'
import './policy.css'

type Report = Wire<'policy.shadowReport'>
type Shadow = NonNullable<Report['shadow']>
type Flip = Report['flips'][number]
type ShadowNode = Report['nodes'][number]

const askedEveryMs = 10_000

/** Policies that decide beside those in force, without effect, and what they would change. */
export default function ShadowPolicies(): JSX.Element {
  const loaded = createLoaded('policy.shadowReport', () => ({}), { everyMs: askedEveryMs })
  return (
    <Page
      title="Shadow set"
      lead="A candidate policy set beside the one in force, without effect: what it would newly allow or deny."
    >
      <Answer of={loaded} lines={6}>
        {(report) => (
          <Show when={report().shadow} fallback={<NoShadow />}>
            {(shadow) => <ShadowReport report={report()} shadow={shadow()} />}
          </Show>
        )}
      </Answer>
    </Page>
  )
}

function NoShadow(): JSX.Element {
  const access = useAccess()
  return (
    <Empty
      title="No shadow set is running"
      icon={<FlaskConical />}
      action={
        <Show when={access.may('policy.shadowPublish')}>
          <LinkButton look="primary" href="/policy-change">
            Draft policies
          </LinkButton>
        </Show>
      }
      command={'npx --no-install gatehouse policy shadow-publish --files @candidate.json --reason "…"'}
    >
      Draft a change, check it, and run it beside the policies in force for a while before you publish it.
    </Empty>
  )
}

function ShadowReport(props: { report: Report; shadow: Shadow }): JSX.Element {
  const access = useAccess()
  const names = createPersonNames()
  const [dropping, setDropping] = createSignal(false)
  return (
    <>
      <div class="card stack">
        <Facts
          of={[
            ['Version', <code title={props.shadow.version}>{shortVersion(props.shadow.version)}</code>],
            ['Since', <ExactMoment at={props.shadow.at} />],
            ['By', props.shadow.setBy === null ? undefined : <Person id={props.shadow.setBy} names={names()} />],
            ['Reason', props.shadow.reason ?? undefined],
            ['Policies', String(props.shadow.policies)],
          ]}
        />
        <Acts
          of={[{ label: 'End shadow set', blocked: access.why('policy.shadowDrop'), run: () => setDropping(true) }]}
        />
      </div>
      <ul class="tallies" aria-label="What the shadow set would change">
        <Tally count={props.report.decided} name="decisions compared" />
        <Tally count={props.report.newlyAllowed} name="newly allowed" tone="warn" />
        <Tally count={props.report.newlyDenied} name="newly denied" tone="bad" />
        <Tally count={props.report.errored} name="failed in a policy" tone="bad" />
        <Tally count={props.report.dropped} name="skipped, a node was behind" tone="warn" />
      </ul>
      <Section title="What would change">
        <Show
          when={props.report.flips.length > 0}
          fallback={
            <p class="muted">
              {props.report.decided === 0 ? 'Nothing was decided yet.' : 'Both sets decided alike so far.'}
            </p>
          }
        >
          <ShadowFlips report={props.report} />
        </Show>
      </Section>
      <Section title="Nodes">
        <ShadowNodes nodes={props.report.nodes} />
      </Section>
      <Show when={dropping()}>
        <DropShadow onClose={() => setDropping(false)} />
      </Show>
    </>
  )
}

function ShadowFlips(props: { report: Report }): JSX.Element {
  const names = createPersonNames()
  const columns: readonly Column<Flip>[] = [
    { title: 'Operation', rank: 'main', cell: ({ action }) => action },
    { title: 'Change', cell: ({ would }) => <StateMark state={would === 'allow' ? 'gains' : 'losses'} /> },
    { title: 'Caller', cell: ({ principal }) => callerWords(principal, names()) },
    { title: 'Times', cell: ({ count }) => numberWords(count) },
    { title: 'By', cell: ({ policies, errors }) => <WouldBeBy policies={policies} errors={errors} /> },
    { title: 'Last', cell: ({ lastAt }) => <Moment at={lastAt} /> },
  ]
  return (
    <>
      <DataList
        label="What the shadow set would change"
        items={props.report.flips}
        columns={columns}
        key={(flip) => `${flip.action} ${flip.principal.id} ${flip.would} ${flip.policies.join()}`}
        href={(flip) => `/decisions/${flip.exampleId}`}
      />
      <Show when={props.report.unlisted > 0}>
        <p class="muted">{numberWords(props.report.unlisted)} more of kinds that are not listed.</p>
      </Show>
    </>
  )
}

function ShadowNodes(props: { nodes: readonly ShadowNode[] }): JSX.Element {
  const columns: readonly Column<ShadowNode>[] = [
    { title: 'Node', rank: 'main', cell: ({ node }) => node },
    {
      title: 'State',
      cell: ({ problem }) => (
        <Show when={problem} fallback={<StateMark state="active" />}>
          {(text) => (
            <span class="stack-tight">
              <StateMark state="failed" />
              {text()}
            </span>
          )}
        </Show>
      ),
    },
    { title: 'Decided', cell: ({ decided }) => numberWords(decided) },
    { title: 'Left out', cell: ({ dropped }) => numberWords(dropped) },
    { title: 'Last seen', cell: ({ seenAt }) => <Moment at={seenAt} /> },
  ]
  return (
    <Show
      when={props.nodes.length > 0}
      fallback={<Note tone="warn" title="No node decides by it yet. It takes some seconds." />}
    >
      <DataList label="Nodes" items={props.nodes} columns={columns} key={({ node }) => node} />
    </Show>
  )
}

function DropShadow(props: { onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="policy.shadowDrop"
      title="End the shadow set?"
      verb="End shadow set"
      look="danger"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ reason })}
      done={() => 'The shadow set has ended.'}
      onClose={props.onClose}
    >
      <p>It stops deciding beside the policies in force, and its report is not kept. Nothing else changes.</p>
    </ActDialog>
  )
}
