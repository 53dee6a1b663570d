import { useParams, type RouteSectionProps } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded, type Loaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Empty, Note } from '../../ui/feedback.tsx'
import { createFilters } from '../../ui/filters.tsx'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'

type Policy = Wire<'policy.list'>['items'][number]
type Status = Wire<'policy.status'>

const statusEveryMs = 15_000

const columns: readonly Column<Policy>[] = [
  { title: 'Policy', rank: 'main', cell: (policy) => policy.id },
  { title: 'Effect', cell: (policy) => <StateMark state={policy.effect} /> },
  { title: 'Description', cell: (policy) => policy.doc },
  { title: 'Severity', cell: (policy) => policy.severity, rank: 'late' },
  { title: 'File', cell: (policy) => policy.file, mono: true, rank: 'late' },
]

/** Policies in force, and whether the newest ones are. */
export default function Policies(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const status = createLoaded('policy.status', () => ({}), { everyMs: statusEveryMs })
  const loaded = createLoaded('policy.list', () => ({ first: 100, after: filters.value('after') }))
  return (
    <Page
      title="Policies"
      lead={
        'Policies decide every request. Anything that no policy permits is denied, and a forbid ' +
        'overrides every permit.'
      }
      actions={<ReloadPolicies status={status} onReload={loaded.reload} />}
    >
      <Answer of={status} lines={2}>
        {(found) => <PolicyStanding status={found()} />}
      </Answer>
      <Split detail={props.children}>
        <Answer of={loaded} lines={6}>
          {(page) => (
            <>
              <Show
                when={page().items.length > 0}
                fallback={<Empty title="No policies are active, so everything is denied" />}
              >
                <DataList
                  label="Policies"
                  items={page().items}
                  columns={columns}
                  key={(policy) => policy.id}
                  selected={params['id']}
                  href={(policy) => `/policy/${encodeURIComponent(policy.id)}`}
                />
              </Show>
              <Pager nextCursor={page().nextCursor} />
            </>
          )}
        </Answer>
      </Split>
    </Page>
  )
}

function ReloadPolicies(props: { status: Loaded<Status>; onReload: () => Promise<void> }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const reload = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      props.status.put(await session.act('policy.reload', {}))
      await props.onReload()
      tell('Policies reloaded.')
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Acts
        of={[
          {
            label: busy() ? 'Reloading …' : 'Reload policies',
            blocked: access.why('policy.reload'),
            run: () => {
              if (!busy()) void reload()
            },
          },
        ]}
      />
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
    </>
  )
}

const shortVersion = (version: string): string => version.slice(0, 12)

function PolicyStanding(props: { status: Status }): JSX.Element {
  return (
    <>
      <Show when={props.status.lastError}>
        {(text) => (
          <Note tone="bad" title="The latest policy set was rejected. The previous one stays active.">
            {text()}{' '}
            <span class="muted">
              (<Moment at={props.status.lastErrorAt} />)
            </span>
          </Note>
        )}
      </Show>
      <Show when={props.status.warnings.length > 0}>
        <Note tone="warn" title="The policies in force have warnings.">
          <ul>
            <For each={props.status.warnings}>
              {({ file, line, message }) => (
                <li>
                  <code>{line === null ? file : `${file}:${line}`}</code> {message}
                </li>
              )}
            </For>
          </ul>
        </Note>
      </Show>
      <div class="card">
        <Facts
          of={[
            ['Active', `${props.status.policies} policies`],
            ['Version', <code>{shortVersion(props.status.version)}</code>],
            ['Schema', <code>{shortVersion(props.status.schemaVersion)}</code>],
            ['Since', <ExactMoment at={props.status.loadedAt} />],
            [
              'Nodes',
              <ul>
                <For each={props.status.nodes}>
                  {(node) => (
                    <li>
                      <code>{node.node}</code> <code>{shortVersion(node.version)}</code> · last seen{' '}
                      <Moment at={node.seenAt} />
                      <Show when={node.version !== props.status.version}>
                        {' '}
                        · <StateMark state="degraded" /> different version
                      </Show>
                    </li>
                  )}
                </For>
              </ul>,
            ],
          ]}
        />
      </div>
    </>
  )
}
