import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { ChevronDown, ChevronUp } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import type { Filters } from '../../ui/filters.tsx'
import { Section } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { searchAsked } from './entry-search.ts'
import { countedWords, dayWords, numberWords, wholeDays, type Count } from './facet-words.ts'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import './facets.css'

type Stats = Wire<'audit.stats'>

/** Values of one kind that are offered at once; a filter field takes any other. */
const offeredMax = 6

interface Offered extends Count {
  /** What stands on the button, where it is not the value itself. */
  readonly name?: string
}

interface FacetGroup {
  /** The filter that picking a value sets. */
  readonly filter: string
  readonly title: string
  readonly values: readonly Offered[]
}

/** A group of one value narrows nothing down, unless it is what was picked. */
const groupsOf = (stats: Stats, workspaces: ReadonlyMap<string, string>): readonly FacetGroup[] => [
  { filter: 'action', title: 'Actions', values: stats.actions },
  {
    filter: 'actor',
    title: 'Actors',
    values: stats.actors.map(({ id, name, count }) => ({ value: id, name: name ?? id, count })),
  },
  { filter: 'category', title: 'Categories', values: stats.categories },
  { filter: 'severity', title: 'Severities', values: stats.severities },
  { filter: 'outcome', title: 'Outcomes', values: stats.outcomes },
  {
    filter: 'workspace',
    title: 'Workspaces',
    values: stats.workspaces.map(({ value, count }) => ({ value, name: workspaces.get(value) ?? value, count })),
  },
]

/** What the entries found have in common: how many of each, and each narrows the list down. */
export function Facets(props: { filters: Filters }): JSX.Element {
  // it would push the list off the screen, so it waits to be asked for
  const open = (): boolean => props.filters.value('summary') === 'on'
  const toggle = (): void => props.filters.set('summary', open() ? '' : 'on')
  const loaded = createLoaded('audit.stats', () => (open() ? searchAsked(props.filters) : null))
  return (
    <Section
      title={summaryTitle(loaded.data())}
      actions={
        <Button
          look="quiet"
          icon={open() ? <ChevronUp aria-hidden="true" /> : <ChevronDown aria-hidden="true" />}
          aria-expanded={open()}
          onClick={toggle}
        >
          {open() ? 'Hide summary' : 'Show summary'}
        </Button>
      }
    >
      <Show when={open()}>
        <Answer of={loaded} lines={3}>
          {(stats) => <Summary stats={stats()} filters={props.filters} />}
        </Answer>
      </Show>
    </Section>
  )
}

const summaryTitle = (stats: Stats | undefined): string =>
  stats === undefined ? 'Summary' : `Summary of ${countedWords(stats)}`

function Summary(props: { stats: Stats; filters: Filters }): JSX.Element {
  const workspaces = createWorkspaceNames()
  return (
    <Show when={props.stats.counted > 0} fallback={<p class="muted">No entries to summarize.</p>}>
      <div class="facets">
        <Days days={wholeDays(props.stats.days)} />
        <For each={groupsOf(props.stats, workspaces()).filter(({ values }) => values.length > 0)}>
          {(group) => <Group group={group} filters={props.filters} />}
        </For>
      </div>
    </Show>
  )
}

/** Bars of one unit each in a box of as many units, so that they scale with the page and need no style of their own. */
function Days(props: { days: readonly Count[] }): JSX.Element {
  const most = (): number => Math.max(1, ...props.days.map(({ count }) => count))
  const height = (count: number): number => (count === 0 ? 0 : Math.max(1, (40 * count) / most()))
  return (
    <div class="facet facet-days">
      <h3>Per day</h3>
      <svg
        class="facet-bars"
        viewBox={`0 0 ${Math.max(7, props.days.length)} 40`}
        preserveAspectRatio="none"
        role="img"
        aria-label={dayWords(props.days)}
      >
        <For each={props.days}>
          {({ count }, index) => <rect x={index() + 0.1} y={40 - height(count)} width="0.8" height={height(count)} />}
        </For>
      </svg>
      <p class="facet-ends" aria-hidden="true">
        <span>{props.days[0]?.value}</span>
        <span>{props.days.length > 1 ? props.days.at(-1)?.value : ''}</span>
      </p>
    </div>
  )
}

function Group(props: { group: FacetGroup; filters: Filters }): JSX.Element {
  const most = (): number => Math.max(1, ...props.group.values.map(({ count }) => count))
  const picked = ({ value, name }: Offered): boolean =>
    [value, name].includes(props.filters.value(props.group.filter) ?? '')
  const toggle = (offered: Offered): void =>
    props.filters.set(props.group.filter, picked(offered) ? '' : (offered.name ?? offered.value))
  return (
    <div class="facet">
      <h3>{props.group.title}</h3>
      <ul>
        <For each={props.group.values.slice(0, offeredMax)}>
          {(offered) => (
            <li>
              <button type="button" class="facet-value" aria-pressed={picked(offered)} onClick={() => toggle(offered)}>
                <span class="facet-name">{offered.name ?? offered.value}</span>
                <span class="facet-count">{numberWords(offered.count)}</span>
                <svg class="facet-share" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(100 * offered.count) / most()} height="3" />
                </svg>
              </button>
            </li>
          )}
        </For>
      </ul>
    </div>
  )
}
