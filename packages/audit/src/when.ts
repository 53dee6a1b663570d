import { invalidField } from '@gatehouse/contract'

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const satisfies Record<string, number>

/** RFC 3339 has years of four digits, and only then do times sort as text. */
const latest = Date.UTC(9999, 11, 31)

/**
 * A time such as `2026-11-23T08:00:00Z`, a day, or how long before `now`: `90m`, `1d`. Refuses anything else, naming
 * the field.
 */
export function parseWhen(field: string, text: string, now: Date): Date {
  const relative = /^(\d+)\s*([smhdw])$/.exec(text)
  const time =
    relative === null
      ? absolute(text)
      : // the expression matched one of them
        now.getTime() - Number(relative[1]) * 1000 * unitSeconds[relative[2] as keyof typeof unitSeconds]
  if (Number.isNaN(time) || time < 0 || time > latest)
    throw invalidField(field, 'a time such as 2026-11-23T08:00:00Z, or how long ago, such as 90m or 1d')
  return new Date(time)
}

/** Without an offset a time would mean something else on every server. */
const absolute = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/i.test(text)
    ? Date.parse(text.toUpperCase())
    : Number.NaN
