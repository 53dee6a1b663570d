import { z } from 'zod'
import { textOf } from './text.ts'

/** What is said of one thing or call; a schema of policies has a dozen facts for the richest of its types. */
const factsMax = 64
const textsMax = 100

/** Whether a fact can have this name. */
export const isFactName = (text: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(text) && !text.startsWith('__')

const FactName = textOf({
  what: 'the name of a fact as the schema of policies has it',
  charactersMax: 64,
  form: isFactName,
})

const FactText = textOf({ what: 'one line of text', charactersMax: 1000, charactersMin: 0, allow: { joiners: true } })

const what = 'an object of facts: names with texts, whole numbers, true or false, or lists of texts'

/** Facts that policies may look at, by name. */
export const Facts = z
  .record(FactName, z.union([FactText, z.int(), z.boolean(), z.array(FactText).max(textsMax)], { error: what }), {
    error: (issue) => (issue.input === undefined ? 'required' : what),
  })
  .refine((facts) => Object.keys(facts).length <= factsMax, { error: `at most ${factsMax} facts` })
  .meta({ id: 'Facts' })
export type Facts = z.output<typeof Facts>
