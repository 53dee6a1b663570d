import { useSearchParams } from '@solidjs/router'
import { createEffect, createSignal, createUniqueId, For, onCleanup, Show, type JSX } from 'solid-js'
import { ChevronDown, ChevronUp } from '../generated/icons.tsx'
import { Button } from './button.tsx'
import './filters.css'

type Params = Record<string, string | undefined>

/** What a list is narrowed to and how it is ordered. */
export interface Filters {
  readonly value: (name: string) => string | undefined
  readonly set: (name: string, value: string) => void
  readonly any: (names: readonly string[]) => boolean
  readonly clear: (names: readonly string[]) => void
}

/**
 * Filters of a list. They stand in the URL, so a view can be sent to a colleague; changing one goes back to the first
 * page.
 */
export function createFilters(): Filters {
  const [params, setParams] = useSearchParams<Params>()
  const value = (name: string): string | undefined => {
    const found = params[name]
    return typeof found === 'string' && found !== '' ? found : undefined
  }
  return {
    value,
    set: (name, text) =>
      setParams({ [name]: text === '' ? null : text, after: null }, { replace: true, scroll: false }),
    any: (names) => names.some((name) => value(name) !== undefined),
    clear: (names) =>
      setParams(
        { ...Object.fromEntries(names.map((name) => [name, null])), after: null },
        { replace: true, scroll: false },
      ),
  }
}

/**
 * The row of filters above a list. `inUse`: so many of them narrow it. With that they fold on a phone, where they would
 * fill the screen before the first item, behind a button that says how many.
 */
export function FilterBar(props: {
  children: JSX.Element
  active: boolean
  onClear: () => void
  inUse?: number
}): JSX.Element {
  const id = createUniqueId()
  const [open, setOpen] = createSignal(false)
  const [cleared, setCleared] = createSignal(false)
  let bar: HTMLElement | undefined
  /** The button goes with what it clears: who used it goes on at the first filter, or where they unfold. */
  const clear = (): void => {
    props.onClear()
    setCleared(true)
    focusFirst(bar)
  }
  createEffect(() => {
    if (props.active) setCleared(false)
  })
  return (
    <div
      class="filters"
      role="search"
      aria-label="Filters"
      ref={(element) => {
        bar = element
      }}
    >
      <Show when={props.inUse !== undefined}>
        <Button
          class="filters-fold"
          icon={open() ? <ChevronUp aria-hidden="true" /> : <ChevronDown aria-hidden="true" />}
          aria-expanded={open()}
          aria-controls={id}
          onClick={() => setOpen((shown) => !shown)}
        >
          {props.inUse === 0 ? 'Filters' : `Filters (${props.inUse})`}
        </Button>
      </Show>
      <div class="filters-fields" id={id} classList={{ 'filters-folded': props.inUse !== undefined && !open() }}>
        {props.children}
      </div>
      <Show when={props.active}>
        <Button look="quiet" onClick={clear}>
          Clear filters
        </Button>
      </Show>
      <span class="visually-hidden" role="status">
        {cleared() && !props.active ? 'Filters cleared' : ''}
      </span>
    </div>
  )
}

/** Of what is shown: on a phone the fields are folded away, and a hidden one takes no focus. */
function focusFirst(bar: HTMLElement | undefined): void {
  const fields = [...(bar?.querySelectorAll<HTMLElement>('.filters-fold, select, input') ?? [])]
  fields.find((field) => field.checkVisibility())?.focus()
}

/** Narrows by one of a few. */
export function SelectFilter(props: {
  label: string
  value: string | undefined
  options: readonly (readonly [value: string, label: string])[]
  /** What is shown when nothing is picked; absent: `any`. */
  none?: string
  onPick: (value: string) => void
}): JSX.Element {
  const id = createUniqueId()
  /** Also what the URL says and the list does not have, or it would look as if nothing were narrowed. */
  const options = (): readonly (readonly [string, string])[] => {
    const { value } = props
    const isKnown = value === undefined || props.options.some(([known]) => known === value)
    return isKnown ? props.options : [...props.options, [value, value]]
  }
  return (
    <div class="filter">
      <label for={id}>{props.label}</label>
      <select class="input" id={id} onChange={(event) => props.onPick(event.currentTarget.value)}>
        <For each={[['', props.none ?? 'any'] as const, ...options()]}>
          {([value, label]) => (
            <option value={value} selected={value === (props.value ?? '')}>
              {label}
            </option>
          )}
        </For>
      </select>
    </div>
  )
}

const settledAfterMs = 350

/** Narrows by a text; asks once typing has settled. */
export function TextFilter(props: {
  label: string
  value: string | undefined
  placeholder?: string
  class?: string
  onText: (value: string) => void
}): JSX.Element {
  const id = createUniqueId()
  const [timer, setTimer] = createSignal<ReturnType<typeof setTimeout>>()
  const later = (text: string): void => {
    clearTimeout(timer())
    setTimer(setTimeout(() => props.onText(text.trim()), settledAfterMs))
  }
  onCleanup(() => clearTimeout(timer()))
  return (
    <div class={`filter ${props.class ?? ''}`}>
      <label for={id}>{props.label}</label>
      <input
        class="input"
        id={id}
        type="text"
        autocomplete="off"
        spellcheck={false}
        placeholder={props.placeholder}
        value={props.value ?? ''}
        onInput={(event) => later(event.currentTarget.value)}
      />
    </div>
  )
}

/** More than this no browser draws at once; the next page has the rest. */
const pageItems = 50

/** The page of a list that the URL names, and the values of these fields. The server refuses what it does not know. */
export const pageAsked = (
  filters: Filters,
  names: readonly string[] = [],
): Record<string, string | number | undefined> => ({
  first: pageItems,
  ...Object.fromEntries(['after', ...names].map((name) => [name, filters.value(name)])),
})

/** Finds items by part of a name. */
export function SearchFilter(props: { filters: Filters; placeholder: string }): JSX.Element {
  return (
    <TextFilter
      label="Search"
      class="filter-search"
      placeholder={props.placeholder}
      value={props.filters.value('search')}
      onText={(value) => props.filters.set('search', value)}
    />
  )
}

/** An order of a list, as the contract names it. Newest first is every list's own. */
export type Order = 'newest' | 'oldest' | 'expiry' | 'name'

const orderWords: Readonly<Record<Exclude<Order, 'newest'>, string>> = {
  oldest: 'oldest first',
  expiry: 'expiring first',
  name: 'by name',
}

/** Orders a list. */
export function SortFilter(props: {
  filters: Filters
  orders: readonly Exclude<Order, 'newest'>[]
  /** What `by name` is here, such as `by owner`. */
  byName?: string
}): JSX.Element {
  const words = (order: Exclude<Order, 'newest'>): string =>
    order === 'name' ? (props.byName ?? orderWords.name) : orderWords[order]
  return (
    <SelectFilter
      label="Sort"
      none="newest first"
      value={props.filters.value('sort')}
      options={props.orders.map((order) => [order, words(order)] as const)}
      onPick={(value) => props.filters.set('sort', value)}
    />
  )
}
