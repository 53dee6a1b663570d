import { parseDuration } from '@gatehouse/kit'
import { z } from 'zod'

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
