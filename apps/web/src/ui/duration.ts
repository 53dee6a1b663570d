const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A length of time exactly, as it is typed: `12 h`, `1 d 6 h`, `90 s` is `1 min 30 s`. */
export function durationText(seconds: number): string {
  const parts: string[] = []
  let rest = seconds
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}

const secondsOf: Readonly<Record<string, number>> = { d: 86_400, h: 3600, min: 60, m: 60, s: 1 }

/**
 * What a person typed, in seconds; null when it is no length of time. `12 h`, `12h`, `1d 6h`, `30 min`, `30m`. A bare
 * number has no unit and is no length.
 */
export function secondsOfText(text: string): number | null {
  const trimmed = text.trim().toLowerCase()
  if (!/^(\d{1,7}\s*(d|h|min|m|s)\s*)+$/.test(trimmed)) return null
  return [...trimmed.matchAll(/(\d+)\s*(d|h|min|m|s)/g)].reduce(
    (sum, [, count = '0', unit = '']) => sum + Number(count) * (secondsOf[unit] ?? 0),
    0,
  )
}
