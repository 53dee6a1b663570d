import { z } from 'zod'
import { textOf } from './text.ts'

/** A policy set of thousands of policies fits; a mistaken path to a data directory does not. */
export const policyFilesMax = 500

/** A file as it would lie in the policy directory: policies, a schema, or what was signed of them. */
export const PolicyFileInput = z
  .object({
    /** Relative to the directory, with `/`. */
    path: textOf({
      what: 'a path such as production/ssh.cedar or schema/platform.cedarschema, of letters, digits, dots, - and _',
      charactersMax: 200,
      form: (text) =>
        text === 'policies.manifest' || /^(?:[\w-][\w.-]*\/){0,4}[\w-][\w.-]*\.(?:cedar|cedarschema)$/.test(text),
    }),
    text: textOf({ what: 'Cedar policies or a schema', charactersMax: 200_000, allow: { lineBreaks: true } }),
  })
  .meta({ id: 'PolicyFileInput' })
