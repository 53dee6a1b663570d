import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createMemo, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Section } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { countedWords, numberWords } from '../audit/facet-words.ts'
import { isAlive } from '../leases/live-leases.ts'
import { useLiveLeases } from '../leases/watching.tsx'
import { sinkState } from '../sinks/sink-words.ts'
import { activityDays, activityWords, percentWords, type ActivityDay } from './activity-days.ts'
import { byCount } from './figures.ts'
import './activity.css'

type Stats = Wire<'audit.stats'>

const askedEveryMs = 60_000
const period = '14d'
/** A credential that ends within this time is about to. */
const soonMs = 15 * 60_000

/** What goes on: calls and refusals by day, what the policies decided, and how the audit log keeps up. */
export function Activity(): JSX.Element {
  const access = useAccess()
  const all = createLoaded('audit.stats', () => (access.may('audit.stats') ? { from: period } : null), {
    everyMs: askedEveryMs,
  })
  const refused = createLoaded(
    'audit.stats',
    () => (access.may('audit.stats') ? { from: period, outcome: 'refused' as const } : null),
    { everyMs: askedEveryMs },
  )
  return (
    <>
      <Tiles />
      <Show when={access.may('audit.stats')}>
        <Section title="Calls and refusals" actions={<A href="/record/audit?outcome=refused">View refusals</A>}>
          <Answer of={all} lines={3}>
            {(stats) => (
              <div class="activity">
                <Days stats={stats()} refused={refused.data()} />
                <Decided stats={stats()} />
              </div>
            )}
          </Answer>
        </Section>
      </Show>
    </>
  )
}

/** Bars of one unit each. Refusals are narrow bars in front, so that colour is not all that tells them. */
function Days(props: { stats: Stats; refused: Stats | undefined }): JSX.Element {
  const days = createMemo(() => activityDays(props.stats.days, props.refused?.days ?? []))
  const most = (): number => Math.max(1, ...days().map(({ all }) => all))
  const height = (count: number): number => (count === 0 ? 0 : Math.max(1, (40 * count) / most()))
  return (
    <div class="activity-part">
      <svg
        class="activity-bars"
        viewBox={`0 0 ${Math.max(7, days().length)} 40`}
        preserveAspectRatio="none"
        role="img"
        aria-label={activityWords(days())}
      >
        <For each={days()}>
          {(day: ActivityDay, index) => (
            <>
              <rect
                class="activity-all"
                x={index() + 0.1}
                y={40 - height(day.all)}
                width="0.8"
                height={height(day.all)}
              />
              <rect
                class="activity-refused"
                x={index() + 0.3}
                y={40 - height(day.refused)}
                width="0.4"
                height={height(day.refused)}
              />
            </>
          )}
        </For>
      </svg>
      <p class="spark-ends" aria-hidden="true">
        <span>{days()[0]?.day}</span>
        <span>{days().length > 1 ? days().at(-1)?.day : ''}</span>
      </p>
      <ul class="legend">
        <LegendItem of="activity-all" name="all entries" />
        <LegendItem of="activity-refused" name="refusals" />
      </ul>
      <p class="muted">{activityWords(days())}</p>
      <Show when={!props.stats.complete}>
        <p class="muted">Of {countedWords(props.stats)}.</p>
      </Show>
    </div>
  )
}

function LegendItem(props: { of: string; name: string }): JSX.Element {
  return (
    <li>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <rect class={props.of} width="12" height="12" rx="3" />
      </svg>
      {props.name}
    </li>
  )
}

/** How often the policies allowed and denied. */
function Decided(props: { stats: Stats }): JSX.Element {
  const countOf = (effect: string): number => props.stats.decisions.find(({ value }) => value === effect)?.count ?? 0
  const whole = (): number => countOf('allow') + countOf('deny')
  return (
    <div class="activity-part">
      <h3>Policy decisions</h3>
      <svg class="coverage-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="coverage-track" width="100" height="10" />
        <rect class="activity-refused" width={whole() === 0 ? 0 : (100 * countOf('deny')) / whole()} height="10" />
      </svg>
      <ul class="stack-tight">
        <li>
          <A href="/decisions?effect=allow&kind=all&from=14d">{numberWords(countOf('allow'))} allowed</A>
        </li>
        <li>
          <A href="/decisions?effect=deny&kind=all&from=14d">{numberWords(countOf('deny'))} denied</A>{' '}
          <span class="muted">({percentWords(countOf('deny'), whole())})</span>
        </li>
      </ul>
    </div>
  )
}

interface Tile {
  readonly name: string
  readonly count: number
  readonly detail: string
  readonly href: string
  readonly tone: 'warn' | 'calm'
}

/** Figures of this moment, each leading to what stands behind it. */
function Tiles(): JSX.Element {
  const access = useAccess()
  const live = useLiveLeases()
  const status = createLoaded('system.status', () => (access.may('system.status') ? {} : null), {
    everyMs: askedEveryMs,
  })
  const sinks = createLoaded('auditSink.list', () => (access.may('auditSink.list') ? { first: 100 } : null), {
    everyMs: askedEveryMs,
  })
  const tiles = (): readonly Tile[] => {
    const alive = [...live.leases().values()].filter(isAlive)
    const soon = alive.filter(({ expiresAt }) => Date.parse(expiresAt) - Date.now() < soonMs).length
    return [
      {
        name: byCount(alive.length, 'active credential', 'active credentials'),
        count: alive.length,
        detail: `${soon} ${byCount(soon, 'expires', 'expire')} within 15 min`,
        href: '/access/leases?state=active',
        tone: 'calm',
      },
      ...lagTile(status.data()),
      ...sinkTiles(sinks.data()?.items),
    ]
  }
  return (
    <Section title="Now">
      <ul class="figures" aria-label="Now">
        <For each={tiles()}>
          {(one) => (
            <li>
              <A class={`figure figure-${one.tone}`} href={one.href}>
                <span class="figure-count">{numberWords(one.count)}</span>
                <span class="figure-name">{one.name}</span>
                <span class="figure-detail">{one.detail}</span>
              </A>
            </li>
          )}
        </For>
      </ul>
    </Section>
  )
}

/** Entries take about a second to their place in the tree: some always wait. */
const waitingMax = 1000

const lagTile = (status: Wire<'system.status'> | undefined): readonly Tile[] =>
  status === undefined
    ? []
    : [
        {
          name: `audit ${byCount(status.auditPending, 'entry', 'entries')} not yet signed`,
          count: status.auditPending,
          detail: status.auditPending > waitingMax ? 'the audit log lags behind' : 'signed within seconds',
          href: '/record/audit',
          tone: status.auditPending > waitingMax ? 'warn' : 'calm',
        },
      ]

function sinkTiles(sinks: Wire<'auditSink.list'>['items'] | undefined): readonly Tile[] {
  if (sinks === undefined) return []
  const still = sinks.filter((sink) => sinkState(sink) !== 'active').length
  const rejected = sinks.reduce((sum, { deadLetters }) => sum + deadLetters, 0)
  return [
    {
      name: `audit ${byCount(still, 'sink', 'sinks')} standing still`,
      count: still,
      detail: `of ${sinks.length}; ${numberWords(rejected)} rejected ${byCount(rejected, 'entry', 'entries')}`,
      href: '/record/sinks',
      tone: still > 0 || rejected > 0 ? 'warn' : 'calm',
    },
  ]
}
