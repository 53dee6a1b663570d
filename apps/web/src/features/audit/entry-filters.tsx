import { createSignal, Show, type JSX } from 'solid-js'
import { ChevronDown } from '../../generated/icons.tsx'
import { Button } from '../../ui/button.tsx'
import { FilterBar, SelectFilter, TextFilter, type Filters } from '../../ui/filters.tsx'
import { kindOptions, shownByItself } from './audit-words.ts'
import { filterNames, rareNames } from './entry-search.ts'

const outcomes = [
  ['allowed', 'allowed'],
  ['refused', 'refused'],
  ['failed', 'failed'],
  ['intent', 'in progress'],
  ['unknown', 'unknown'],
] as const
const severities = [
  ['low', 'low and above'],
  ['medium', 'medium and above'],
  ['high', 'high and above'],
  ['critical', 'critical'],
] as const
const categories = [
  'authentication',
  'authenticators',
  'people',
  'programs',
  'approvals',
  'authorization',
  'workspaces',
  'hosts',
  'credentials',
  'keys',
  'audit',
  'system',
].map((name) => [name, name] as const)
const spans = [
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['1d', 'last day'],
  ['7d', 'last week'],
  ['30d', 'last 30 days'],
  ['3M', 'last 3 months'],
] as const
const decisions = [
  ['allow', 'allowed by policy'],
  ['deny', 'denied by policy'],
] as const
const orders = [
  ['oldest', 'oldest first'],
  ['action', 'by action'],
  ['actor', 'by actor'],
] as const

interface FiltersProps {
  readonly filters: Filters
}

const text = ({ filters }: FiltersProps, name: string) => ({
  value: filters.value(name),
  onText: (value: string) => filters.set(name, value),
})
const pick = ({ filters }: FiltersProps, name: string) => ({
  value: filters.value(name),
  onPick: (value: string) => filters.set(name, value),
})

/** What entries are looked for by. The rarer half opens by itself while one of it is in use. */
export function EntryFilters(props: FiltersProps): JSX.Element {
  const [asked, setAsked] = createSignal(false)
  const open = (): boolean => asked() || props.filters.any(rareNames.filter((name) => !isSpan(props.filters, name)))
  const inUse = (): number => filterNames.filter((name) => props.filters.value(name) !== undefined).length
  const span = (): string | undefined => (isSpan(props.filters, 'from') ? props.filters.value('from') : undefined)
  return (
    <FilterBar active={inUse() > 0} inUse={inUse()} onClear={() => props.filters.clear(filterNames)}>
      <TextFilter label="Actor" placeholder="user name or ID" {...text(props, 'actor')} />
      <TextFilter label="Action" placeholder="lease.revoke" {...text(props, 'action')} />
      <SelectFilter
        label="Show"
        none={shownByItself(props.filters.value('action'))}
        options={kindOptions}
        {...pick(props, 'kind')}
      />
      <SelectFilter label="Outcome" options={outcomes} {...pick(props, 'outcome')} />
      <SelectFilter label="Severity" options={severities} {...pick(props, 'severity')} />
      <SelectFilter label="Category" options={categories} {...pick(props, 'category')} />
      <SelectFilter label="Time" value={span()} options={spans} onPick={(value) => props.filters.set('from', value)} />
      <Show when={open()}>
        <RareFilters filters={props.filters} />
      </Show>
      <Show when={!open()}>
        <Button look="quiet" icon={<ChevronDown aria-hidden="true" />} onClick={() => setAsked(true)}>
          More filters
        </Button>
      </Show>
    </FilterBar>
  )
}

/** The start of a time range as the short list names it. */
const isSpan = (filters: Filters, name: string): boolean =>
  name === 'from' && spans.some(([one]) => one === filters.value('from'))

function RareFilters(props: FiltersProps): JSX.Element {
  return (
    <>
      <TextFilter label="From" placeholder="2026-11-23 or 36h" {...text(props, 'from')} />
      <TextFilter label="To" placeholder="2026-11-24" {...text(props, 'to')} />
      <TextFilter label="Resource" placeholder="Lease, or an ID" {...text(props, 'resource')} />
      <TextFilter label="Workspace" placeholder="default" {...text(props, 'workspace')} />
      <TextFilter label="Address" placeholder="10.0.0.17" {...text(props, 'ip')} />
      <TextFilter label="Session ID" {...text(props, 'session')} />
      <TextFilter label="Request ID" {...text(props, 'requestId')} />
      <SelectFilter label="Decision" options={decisions} {...pick(props, 'decision')} />
      <SelectFilter label="Sort" none="newest first" options={orders} {...pick(props, 'sort')} />
      <SelectFilter label="Times" none="relative" options={[['exact', 'exact']]} {...pick(props, 'times')} />
    </>
  )
}
