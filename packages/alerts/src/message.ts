import { alertKinds, type AlertKind, type AlertKindData, type AlertSeverity } from '@gatehouse/contract'

/** What leaves by a channel: nothing but this. */
export interface AlertMessage {
  /** Names the message, the same at every try: its receiver can tell. */
  readonly id: string
  readonly type: 'alert.raised' | 'alert.test'
  readonly alertId: string
  readonly kind: AlertKind | 'test'
  readonly severity: AlertSeverity
  readonly title: string
  readonly advice: string
  readonly about: { readonly type: string; readonly id: string; readonly name: string | null }
  readonly facts: readonly MessageFact[]
  readonly count: number
  readonly at: Date
  readonly lastAt: Date
  /** The page on which people see it. */
  readonly url: string
}

/** One fact, as text. */
export interface MessageFact {
  readonly name: string
  readonly value: string
}

/** A fact is a number, a name or a state; what is longer is somebody's prose, and no channel's. */
const factCharactersMax = 300

/** The facts of an alert as they are kept: JSON of an object. One that is not to be read any more says only that. */
export function readFacts(text: string): readonly MessageFact[] {
  try {
    const facts = JSON.parse(text) as Readonly<Record<string, unknown>> // only `raiseAlert` writes it
    return Object.entries(facts).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [{ name, value: String(value).slice(0, factCharactersMax) }],
    )
  } catch {
    return [{ name: 'facts', value: text }]
  }
}

/** Those of them that may leave. What its kind does not declare stays. */
export function sentFacts(kind: AlertKind, text: string): readonly MessageFact[] {
  const { facts }: AlertKindData = alertKinds[kind]
  return readFacts(text).filter(({ name }) => Object.hasOwn(facts, name) && facts[name] === 'sent')
}

/** What an alert is about, in words. */
export const aboutText = ({ type, id, name }: AlertMessage['about']): string =>
  type === 'System' ? 'this Gatehouse' : `${type} ${name ?? id}`

/** A message by which somebody sees whether a channel works. */
export const testMessage = ({
  id,
  now,
  url,
}: {
  readonly id: string
  readonly now: Date
  readonly url: string
}): AlertMessage => ({
  id,
  type: 'alert.test',
  alertId: id,
  kind: 'test',
  severity: 'low',
  title: 'This is a test of an alert channel of Gatehouse.',
  advice: 'Nothing is wrong, and nothing has to be done.',
  about: { type: 'System', id: 'gatehouse', name: null },
  facts: [],
  count: 1,
  at: now,
  lastAt: now,
  url,
})
