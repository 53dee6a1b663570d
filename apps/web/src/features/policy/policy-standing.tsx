import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { Note } from '../../ui/feedback.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Prose } from '../../ui/prose.tsx'
import { changeKindWords, shortVersion } from './policy-words.ts'
import './policy.css'

type Status = Wire<'policy.status'>
type PolicyNode = Status['nodes'][number]

/** Which set is in force, on which node, and why a newer one is not. */
export function PolicyStanding(props: { status: Status }): JSX.Element {
  return (
    <>
      <Show when={props.status.lastError}>
        {(text) => (
          <Note tone="bad" title="The latest policy set was rejected. The previous one stays active.">
            <Prose text={text()} />{' '}
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
      <div class="card policy-standing">
        <Facts
          of={[
            ['Active', `${props.status.policies} policies`],
            ['Version', <code title={props.status.version}>{shortVersion(props.status.version)}</code>],
            ['Since', <ExactMoment at={props.status.loadedAt} />],
            ['Source', <Source pin={props.status.pin} />],
          ]}
        />
        <Nodes status={props.status} />
      </div>
    </>
  )
}

function Source(props: { pin: Status['pin'] }): JSX.Element {
  return (
    <Show when={props.pin} fallback="Policy files of each node">
      {(pin) => (
        <>
          <A href={`/policy-history/${pin().id}`}>{changeKindWords(pin().kind)}</A> <Moment at={pin().at} />, until a
          policy file changes
        </>
      )}
    </Show>
  )
}

function Nodes(props: { status: Status }): JSX.Element {
  const stateOf = (node: PolicyNode): string => {
    if (node.lastError !== null) return 'set rejected'
    return node.version === props.status.version ? 'same set' : 'other set'
  }
  const columns: readonly Column<PolicyNode>[] = [
    { title: 'Node', rank: 'main', cell: (node) => node.node },
    {
      title: 'State',
      cell: (node) => (
        <span class="stack-tight">
          <StateMark state={stateOf(node)} />
          <Show when={node.lastError}>
            {(text) => (
              <span>
                {text()}{' '}
                <span class="muted">
                  (<Moment at={node.lastErrorAt} />)
                </span>
              </span>
            )}
          </Show>
        </span>
      ),
    },
    { title: 'Version', cell: (node) => shortVersion(node.version), mono: true },
    { title: 'Last reload', cell: (node) => <Moment at={node.loadedAt} /> },
    { title: 'Last seen', cell: (node) => <Moment at={node.seenAt} /> },
  ]
  return (
    <div class="policy-nodes">
      <h2>Nodes</h2>
      <Show when={props.status.nodes.length > 0} fallback={<p class="muted">No node has reported yet.</p>}>
        <DataList label="Nodes" items={props.status.nodes} columns={columns} key={(node) => node.node} />
      </Show>
    </div>
  )
}
