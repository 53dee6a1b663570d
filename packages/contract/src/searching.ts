import { lineOf, textOf } from './text.ts'

/** RFC 3339, or how long ago: `90m`, `1d`, `2w`, `1M`. */
export const When = textOf({
  what: 'a time such as 2026-11-23T08:00:00Z, or how long ago, such as 90m, 1d or 1M',
  charactersMax: 40,
  fold: (text) => text.trim(),
  form: (text) => /^(\d{1,5}\s*[smhdwM]|\d{4}-\d{2}-\d{2}\S*)$/.test(text),
})

/** Who did something: a name or an id, or a name that was only tried. */
export const Actor = lineOf(256)

/** What stands for a person in an entry whose reader does not see people. */
export const Pseudonym = textOf({
  what: 'a pseudonym as an entry of the audit log shows it: person- and 16 characters',
  charactersMax: 23,
  fold: (text) => text.trim().toLowerCase(),
  form: (text) => /^person-[0-9a-f]{16}$/.test(text),
})

/** An operation or event, or how some begin: `lease` and `lease.` are all of leases. */
export const Action = textOf({
  what: 'an operation or event such as lease.revoke',
  charactersMax: 64,
  // other systems name their actions as they like
  form: (text) => /^[A-Za-z][A-Za-z0-9._-]*$/.test(text),
})
