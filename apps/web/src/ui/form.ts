import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, type Accessor } from 'solid-js'
import type { CallName } from '../wire.ts'
import { fieldProblemsOf } from '../words.ts'

/** A form that sends one operation: its texts, what is wrong with them, and whether it is on its way. */
export interface Form<T> {
  readonly values: Accessor<Readonly<Record<string, string>>>
  readonly set: (field: string) => (text: string) => void
  /** What is wrong with a field, once it was sent. */
  readonly problem: (field: string) => string | undefined
  /** What went wrong beyond single fields. */
  readonly error: Accessor<unknown>
  readonly busy: Accessor<boolean>
  /** Checks and sends; answers null when it did not go through. */
  readonly send: () => Promise<T | null>
}

interface FormOptions<N extends CallName> {
  readonly name: N
  readonly initial: Readonly<Record<string, string>>
  /** Texts to the operation's input. Fields left empty are to be left out. */
  readonly input: (values: Readonly<Record<string, string>>) => Raw<N>
  readonly call: (name: N, input: Raw<N>) => Promise<Wire<N>>
}

/** Fields of an error that no control of the form shows are told with the form as a whole. */
const allShown = (problems: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>): boolean =>
  Object.keys(problems).length > 0 && Object.keys(problems).every((field) => field in values)

/** The control that shows what is wrong at a path: that of the field itself, or of the next one around it. */
function controlOf(path: string, values: Readonly<Record<string, string>>): string {
  const parts = path.split('.')
  const around = parts.map((_, cut) => parts.slice(0, parts.length - cut).join('.'))
  return around.find((field) => field in values) ?? path
}

/** Problems by the controls that show them; of several at one control the first is told. */
export const placed = (
  problems: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(problems)
      .toReversed()
      .map(([path, text]) => [controlOf(path, values), text]),
  )

const asked = (
  problems: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(problems).map(([field, text]) => [field, values[field] === '' ? 'Required' : text]))

/** Makes a form; it is checked by the contract's own schema before it is sent, and by the server after. */
export function createForm<N extends CallName>({ name, initial, input, call }: FormOptions<N>): Form<Wire<N>> {
  const [values, setValues] = createSignal(initial)
  const [problems, setProblems] = createSignal<Readonly<Record<string, string>>>({})
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const set =
    (field: string) =>
    (text: string): void => {
      setValues((before) => ({ ...before, [field]: text }))
      setProblems(({ [field]: _mended, ...rest }) => rest)
    }
  const send = async (): Promise<Wire<N> | null> => {
    if (busy()) return null
    setBusy(true)
    setError(undefined)
    try {
      const { problemsOf } = await import('../validation.ts')
      // every input is declared as an object
      const wrong = placed(problemsOf(name, input(values()) as object), values())
      setProblems(asked(wrong, values()))
      if (allShown(wrong, values())) return null
      return await call(name, input(values()))
    } catch (problem) {
      const wrong = placed(fieldProblemsOf(problem), values())
      setProblems(asked(wrong, values()))
      if (!allShown(wrong, values())) setError(() => problem)
      return null
    } finally {
      setBusy(false)
    }
  }
  return { values, set, problem: (field) => problems()[field], error, busy, send }
}

/** A text to send, or nothing at all where the field was left empty. */
export const given = (text: string | undefined): string | undefined =>
  text === undefined || text.trim() === '' ? undefined : text.trim()

/** `a, b` → `['a', 'b']`, or nothing at all. */
export function givenList(text: string | undefined): string[] | undefined {
  const items = (text ?? '').split(/[\s,]+/).filter((item) => item !== '')
  return items.length === 0 ? undefined : items
}
