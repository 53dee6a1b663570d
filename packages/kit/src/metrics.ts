/** What is counted, and how people read it. Labels are few and bounded: never a person's name or an address. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Label values that stand there with zero before anything has happened, so that a rate can see the first one. */
  readonly from?: readonly (readonly string[])[]
  /** Bounds of a histogram whose values are no times of calls, in seconds, the least first. */
  readonly bounds?: readonly number[]
}

/** Seconds: from what a look-up takes to what a caller waits for at most. */
const bucketSeconds = [0.000_05, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5] as const

/** Beyond this many rows of a metric nothing new is counted: what fills memory is no measure. */
const seriesMax = 5000

/** Counts in memory, and writes the text that Prometheus reads. Counting never throws and never waits. */
export interface Metrics<Name extends string> {
  /** `labels` in the order of the declaration. */
  add(name: Name, labels: readonly string[], value?: number): void
  observe(name: Name, labels: readonly string[], seconds: number): void
  /** All rows of a gauge as they are now. */
  set(name: Name, rows: readonly { readonly labels: readonly string[]; readonly value: number }[]): void
  /** The exposition format, version 0.0.4. */
  text(): string
}

interface Histogram {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum: number
  count: number
}

/** Opens counters for what is declared. */
export function createMetrics<Name extends string>(declared: Readonly<Record<Name, Metric>>): Metrics<Name> {
  const names = Object.keys(declared) as Name[] // the record's own keys
  const rows = new Map<Name, Map<string, number>>(names.map((name) => [name, startOf(declared[name])]))
  const histograms = new Map<Name, Map<string, Histogram>>(
    names
      .filter((name) => declared[name].kind === 'histogram')
      .map((name) => [name, new Map(startLabels(declared[name]).map((labels) => [labels, emptyOf(declared[name])]))]),
  )
  return {
    add: (name, labels, value = 1) => {
      const known = rows.get(name)
      const key = labelsText(declared[name].labels, labels)
      if (known !== undefined && (known.has(key) || known.size < seriesMax))
        known.set(key, (known.get(key) ?? 0) + value)
    },
    observe: (name, labels, seconds) => {
      const known = histograms.get(name)
      if (known === undefined) return
      const key = labelsText(declared[name].labels, labels)
      if (!known.has(key) && known.size < seriesMax) known.set(key, emptyOf(declared[name]))
      const histogram = known.get(key)
      if (histogram === undefined) return
      const at = histogram.bounds.findIndex((bound) => seconds <= bound)
      if (at >= 0) histogram.counts[at] = (histogram.counts[at] ?? 0) + 1
      histogram.sum += seconds
      histogram.count += 1
    },
    set: (name, values) =>
      void rows.set(
        name,
        new Map(values.map(({ labels, value }) => [labelsText(declared[name].labels, labels), value])),
      ),
    text: () =>
      names
        .flatMap((name) => [
          `# HELP ${name} ${declared[name].help}`,
          `# TYPE ${name} ${declared[name].kind}`,
          ...[...(rows.get(name) ?? [])].map(([labels, value]) => `${name}${labels} ${value}`),
          ...[...(histograms.get(name) ?? [])].flatMap(([labels, one]) => histogramLines(name, labels, one)),
        ])
        .map((line) => `${line}\n`)
        .join(''),
  }
}

const emptyOf = ({ bounds = bucketSeconds }: Metric): Histogram => ({
  bounds,
  counts: bounds.map(() => 0),
  sum: 0,
  count: 0,
})

const startOf = (metric: Metric): Map<string, number> =>
  new Map(metric.kind === 'histogram' ? [] : startLabels(metric).map((labels) => [labels, 0]))

const startLabels = ({ labels, from }: Metric): readonly string[] =>
  from?.map((values) => labelsText(labels, values)) ?? (labels.length === 0 ? [''] : [])

/** `labels` as they stand in braces, or nothing. */
function histogramLines(name: string, labels: string, histogram: Histogram): string[] {
  const before = labels === '' ? '{' : `${labels.slice(0, -1)},`
  let below = 0
  const buckets = histogram.bounds.map((bound, at) => {
    below += histogram.counts[at] ?? 0
    return `${name}_bucket${before}le="${bound}"} ${below}`
  })
  return [
    ...buckets,
    `${name}_bucket${before}le="+Inf"} ${histogram.count}`,
    `${name}_sum${labels} ${histogram.sum}`,
    `${name}_count${labels} ${histogram.count}`,
  ]
}

function labelsText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return ''
  let text = '{'
  for (const [at, name] of names.entries()) text += `${at === 0 ? '' : ','}${name}="${escaped(values[at] ?? '')}"`
  return `${text}}`
}

const toEscape = /[\\"\n]/

const escaped = (value: string): string =>
  toEscape.test(value)
    ? value
        .replaceAll('\\', String.raw`\\`)
        .replaceAll('"', String.raw`\"`)
        .replaceAll('\n', String.raw`\n`)
    : value
