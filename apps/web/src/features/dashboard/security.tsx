import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { CircleCheck, TriangleAlert } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Note } from '../../ui/feedback.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { Activity } from './activity.tsx'
import { burstOf, figuresOf, shareWords, sparkPoints, sparkWords, type Figure, type Figures } from './figures.ts'
import './dashboard.css'

const askedEveryMs = 60_000
const refusedLogIns = '/record/audit?action=auth.login&outcome=refused'

/** How safe the house is: figures that lead to what stands behind them. */
export default function Security(): JSX.Element {
  const loaded = createLoaded('system.dashboard', () => ({}), { everyMs: askedEveryMs })
  return (
    <Page title="Security" lead="Second factors, failed log-ins, sessions, tokens and what needs attention.">
      <Answer of={loaded} lines={8}>
        {(figures) => (
          <>
            <Board figures={figures()} />
            <Activity />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Board(props: { figures: Figures }): JSX.Element {
  const wanted = (): readonly Figure[] => figuresOf(props.figures).filter(({ tone }) => tone === 'warn')
  const calm = (): readonly Figure[] => figuresOf(props.figures).filter(({ tone }) => tone === 'calm')
  return (
    <>
      <Show
        when={wanted().length > 0}
        fallback={
          <p class="all-well">
            <CircleCheck aria-hidden="true" />
            No action needed.
          </p>
        }
      >
        <Section title="Needs attention">
          <FigureList figures={wanted()} label="Needs attention" />
        </Section>
      </Show>
      <Section title="Failed log-ins" actions={<A href={refusedLogIns}>View</A>}>
        <Failed figures={props.figures} />
      </Section>
      <Section title="Second factors by role" actions={<A href="/people/users">All users</A>}>
        <Coverage figures={props.figures} />
      </Section>
      <Section title="No action needed">
        <FigureList figures={calm()} label="Other figures" />
      </Section>
      <p class="muted">
        Updated <Moment at={props.figures.at} />.
      </p>
    </>
  )
}

function FigureList(props: { figures: readonly Figure[]; label: string }): JSX.Element {
  return (
    <ul class="figures" aria-label={props.label}>
      <For each={props.figures}>
        {(figure) => (
          <li>
            <A class={`figure figure-${figure.tone}`} href={figure.href}>
              <span class="figure-count">
                <Show when={figure.tone === 'warn'}>
                  <TriangleAlert aria-hidden="true" />
                </Show>
                {figure.count}
              </span>
              <span class="figure-name">{figure.name}</span>
              <span class="figure-detail">{figure.detail}</span>
            </A>
          </li>
        )}
      </For>
    </ul>
  )
}

const hourText = (at: string): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at))

function Failed(props: { figures: Figures }): JSX.Element {
  const hours = (): Figures['failedLoginsByHour'] => props.figures.failedLoginsByHour
  const words = (): string => sparkWords(props.figures, hourText)
  return (
    <>
      <Show when={burstOf(props.figures)}>
        {(hour) => (
          <Note
            tone="warn"
            title={
              `${hour().count} failed log-ins in the hour from ${hourText(hour().hour)}: ` +
              'possible password guessing.'
            }
          >
            Check the audit log for one account tried from many addresses, or many accounts from one address.
          </Note>
        )}
      </Show>
      <div class="failed">
        <div>
          <p class="failed-count">{props.figures.failedLogins}</p>
          <p class="muted">in 24 hours</p>
        </div>
        <div>
          <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={words()}>
            <line class="spark-floor" x1="0" y1="29.5" x2="100" y2="29.5" />
            <polyline points={sparkPoints(hours().map(({ count }) => count))} />
          </svg>
          <p class="spark-ends" aria-hidden="true">
            <span>{hourText(hours()[0]?.hour ?? props.figures.at)}</span>
            <span>now</span>
          </p>
        </div>
        <p class="muted failed-words" aria-hidden="true">
          {words()}
        </p>
      </div>
    </>
  )
}

function Coverage(props: { figures: Figures }): JSX.Element {
  return (
    <>
      <ul class="coverage" aria-label="Second factors by role">
        <For each={props.figures.coverage}>{(role) => <CoverageRole role={role} />}</For>
      </ul>
      <ul class="legend">
        <li>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <rect class="coverage-resistant" width="12" height="12" rx="3" />
          </svg>
          security key or passkey (phishing-resistant)
        </li>
        <li>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <rect class="coverage-enrolled" width="12" height="12" rx="3" />
          </svg>
          any second factor
        </li>
      </ul>
    </>
  )
}

function CoverageRole(props: { role: Figures['coverage'][number] }): JSX.Element {
  const share = (part: number): number => (props.role.people === 0 ? 0 : (100 * part) / props.role.people)
  return (
    <li class="coverage-role">
      <A href={`/people/users?role=${props.role.role}`}>{props.role.role}</A>
      <svg class="coverage-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="coverage-track" width="100" height="10" />
        <rect class="coverage-enrolled" width={share(props.role.enrolled)} height="10" />
        <rect class="coverage-resistant" width={share(props.role.phishingResistant)} height="10" />
      </svg>
      <span>
        <Show when={props.role.people > 0} fallback={<span class="muted">no one has this role</span>}>
          {shareWords(props.role.enrolled, props.role.people)}{' '}
          <span class="muted">with a second factor, {props.role.phishingResistant} by key or passkey</span>
        </Show>
      </span>
    </li>
  )
}
