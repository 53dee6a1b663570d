import { For, Show, type JSX } from 'solid-js'
import { deviceWords, durationText } from '@gatehouse/kit'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts, PanelSection, type Fact } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { IncidentLink } from '../incidents/incident-link.tsx'
import { countsWords, methodWords, roleWords, type RequestDetail } from './emergency-words.ts'
import { groupedHash, type RequestDocument } from './request-document.ts'

/** Who asks, from where, for what and why: read from the very document that is signed. */
export function Asked(props: { document: RequestDocument; request: RequestDetail }): JSX.Element {
  return (
    <div class="stack-tight">
      <p>
        <strong>
          {props.document.requester.name} {props.document.drill ? 'rehearses' : 'requests'} emergency access to{' '}
          {props.document.workspace.name} ({props.document.workspace.environment}) for{' '}
          {durationText(props.document.durationSeconds)}.
        </strong>
      </p>
      <blockquote class="emergency-why">{props.document.justification}</blockquote>
      <Facts
        of={[
          ['Severity', <StateMark state={props.document.severity} />],
          ['Incident', <IncidentLink named={props.document.incident} id={props.request.incidentId} />],
          ['Address', <code>{props.request.address}</code>],
          ['Device', <span title={props.request.userAgent}>{deviceWords(props.request.userAgent)}</span>],
          ['Requested', <ExactMoment at={props.request.createdAt} />],
          [
            'Version',
            props.document.version > 1 ? `${props.document.version}, votes for earlier ones are void` : undefined,
          ],
        ]}
      />
    </div>
  )
}

/** What would become possible, in numbers and by name. */
export function Reach(props: { request: RequestDetail }): JSX.Element {
  const reach = (): RequestDetail['reach'] => props.request.reach
  return (
    <PanelSection title={props.request.drill ? 'What would become possible' : 'What becomes possible'}>
      <Facts
        of={[
          [
            counted(reach().hostCount, 'host'),
            <Names of={reach().hosts} count={reach().hostCount} none="none in this workspace" />,
          ],
          [
            counted(reach().accounts.length, 'account'),
            <Names of={reach().accounts} count={reach().accounts.length} none="none" />,
          ],
          ...roleFacts(props.request),
        ]}
      />
      <p class="muted">{counted(reach().actions.length, 'action')}, and nothing else:</p>
      <ul class="emergency-list">
        <For each={reach().actions}>
          {({ name, summary }) => (
            <li>
              {summary} <code class="muted">{name}</code>
            </li>
          )}
        </For>
      </ul>
    </PanelSection>
  )
}

/** Credentials that could be issued, with what they may do: only where that is asked for. */
const roleFacts = ({ actions, roles }: RequestDetail): readonly Fact[] =>
  actions.includes('lease.issue')
    ? [
        [
          counted(roles.length, 'credential role'),
          <Names of={roles.map(roleWords)} count={roles.length} none="none in this workspace" />,
        ],
      ]
    : []

/** More names than this are opened by who wants to read them. */
const namesShownMax = 8

function Names(props: { of: readonly string[]; count: number; none: string }): JSX.Element {
  const rest = (): readonly string[] => props.of.slice(namesShownMax)
  return (
    <Show when={props.of.length > 0} fallback={<span class="muted">{props.none}</span>}>
      {props.of.slice(0, namesShownMax).join(', ')}
      <Show when={props.count > namesShownMax}>
        <details>
          <summary>{props.count - namesShownMax} more</summary>
          {rest().join(', ')}
        </details>
      </Show>
    </Show>
  )
}

/** Who has voted, whether it counts, and why not. */
export function Votes(props: { request: RequestDetail }): JSX.Element {
  return (
    <PanelSection title="Votes">
      <Show
        when={props.request.approvals.length + props.request.denials.length > 0}
        fallback={<p class="muted">Nobody has voted yet.</p>}
      >
        <ul class="emergency-votes">
          <For each={props.request.approvals}>
            {(vote) => (
              <li>
                <p>
                  <StateMark state="approved" /> <strong>{vote.principal}</strong> <Moment at={vote.at} />
                </p>
                <p class="muted">
                  {countsWords(vote)} · {methodWords[vote.method]}
                </p>
              </li>
            )}
          </For>
          <For each={props.request.denials}>
            {(vote) => (
              <li>
                <p>
                  <StateMark state="denied" /> <strong>{vote.principal}</strong> for team {vote.team}{' '}
                  <Moment at={vote.at} />
                </p>
                <p class="muted">{vote.reason}</p>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </PanelSection>
  )
}

/** Who can still vote. */
export function Voters(props: { request: RequestDetail }): JSX.Element {
  return (
    <PanelSection title="Who can still vote">
      <Show
        when={props.request.voters.length > 0}
        fallback={<p>Nobody: no other account has the role and the team that the approval rule asks for.</p>}
      >
        <ul class="emergency-list">
          <For each={props.request.voters}>
            {({ principal, teams }) => (
              <li>
                {principal} <span class="muted">{teams.join(', ')}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </PanelSection>
  )
}

/** The exact bytes that a vote signs, and their hash. */
export function SignedDocument(props: { request: RequestDetail }): JSX.Element {
  return (
    <PanelSection title="What is signed">
      <p class="muted">SHA-256 of the document:</p>
      <p class="emergency-hash">{groupedHash(props.request.hash)}</p>
      <details>
        <summary>Show the exact document</summary>
        <CopyBlock text={props.request.document} what="signed document" />
      </details>
    </PanelSection>
  )
}
