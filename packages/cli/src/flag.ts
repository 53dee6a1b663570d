/**
 * What a flag takes. `duration` is typed as `1h` and sent in seconds; `json` is an object, typed or in a file
 * (`@limits.json`), and may be given again; `secret` never comes from the command line but by `--totp`.
 */
export type FlagKind = 'text' | 'integer' | 'duration' | 'boolean' | 'list' | 'choice' | 'json' | 'secret'

/** One flag of a command, and the input field that it fills. */
export interface Flag {
  readonly name: string
  readonly field: string
  readonly kind: FlagKind
  readonly required: boolean
  readonly choices: readonly string[]
  /** As it would be typed; null when there is none. */
  readonly defaultText: string | null
  readonly help: string
}

/** A flag of a hand-written command: optional text unless said otherwise. */
export const flag = (name: string, help: string, rest: Partial<Flag> = {}): Flag => ({
  name,
  help,
  field: rest.field ?? name,
  kind: 'text',
  required: false,
  choices: [],
  defaultText: null,
  ...rest,
})

/** Flags that every command takes. */
export const commonFlags: readonly Flag[] = [
  flag('json', 'exactly one JSON document on standard output; refusals as JSON on standard error', { kind: 'boolean' }),
  flag('quiet', 'ids only, no talk', { kind: 'boolean' }),
  flag('output', 'table that fits, everything, or JSON', {
    kind: 'choice',
    choices: ['table', 'wide', 'json'],
    defaultText: 'table',
  }),
  flag('context', 'server and account to use; see gatehouse context list'),
  flag('yes', 'do not ask before deleting, removing or erasing', { kind: 'boolean' }),
  flag('help', 'this text', { kind: 'boolean' }),
]

/** All flags of a command: its own, and those of everywhere that it does not give another meaning. */
export const withCommonFlags = (own: readonly Flag[]): readonly Flag[] => [
  ...own,
  ...commonFlags.filter(({ name }) => !own.some((flag) => flag.name === name)),
]

/** The one-letter forms. */
export const shortFlags: Readonly<Record<string, string>> = {
  o: 'output',
  h: 'help',
  q: 'quiet',
  y: 'yes',
  L: 'local-forward',
  R: 'remote-forward',
  D: 'dynamic-forward',
  J: 'jump',
}

/** One-letter forms whose value may follow at once, as ssh takes it: `-L8080:localhost:80`. */
const gluedFlags = 'LRDJ'

/** `-L8080:…` as its two parts; null for every other word. */
export const splitGlued = (word: string): { readonly name: string; readonly inline: string } | null => {
  const name = shortFlags[word.charAt(1)]
  return word.length > 2 && gluedFlags.includes(word.charAt(1)) && name !== undefined
    ? { name, inline: word.slice(2) }
    : null
}

/** Proves a second factor without a prompt, where the command is refused for the lack of a fresh one. */
export const totpFlag: Flag = flag('totp', 'code of your authenticator, should a fresh one be needed', {
  kind: 'secret',
})

/** Longer rows of choices stand in the explanation: they would push every other one off the screen. */
const CHOICES_CHARS_MAX = 40

/** What may be chosen, where the placeholder has no room for it. */
export const choicesBeside = ({ kind, choices }: Flag): readonly string[] =>
  kind === 'list' || choices.join('|').length > CHOICES_CHARS_MAX ? choices : []

/** The placeholder after a flag in usage and help. */
export const placeholderOf = (flag: Flag): string => {
  const { kind, choices, field, required } = flag
  if (kind === 'choice') return choicesBeside(flag).length > 0 ? 'ONE' : choices.join('|')
  if (kind === 'secret') return 'CODE'
  return {
    boolean: required ? 'true|false' : '',
    integer: 'N',
    duration: 'TIME',
    list: 'A,B',
    json: 'JSON|@FILE',
    text: field === 'id' ? 'ID' : 'TEXT',
  }[kind]
}
