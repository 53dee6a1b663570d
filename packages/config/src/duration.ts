import { z } from 'zod'

const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** `15m`, `7d`, `1h30m`, or bare seconds, as whole seconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (!/^(\d{1,9}[smhdw])+$/.test(text)) return null
  let seconds = 0
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+)([smhdw])/g)) {
    seconds += Number(amount) * secondsPer[unit as keyof typeof secondsPer] // the pattern admits these letters only
  }
  return seconds
}

/** A duration in a settings file: text such as `15m`, or seconds as a number. Whole seconds inside. */
export const duration = (bounds: { readonly min: number; readonly max: number }) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const seconds = parseDuration(String(value))
    if (seconds !== null && seconds >= bounds.min && seconds <= bounds.max) return seconds
    context.issues.push({
      code: 'custom',
      input: value,
      message: `a duration such as 15m, 1h or 7d, from ${bounds.min} s to ${bounds.max} s`,
    })
    return z.NEVER
  })
