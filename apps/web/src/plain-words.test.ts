import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** What people were told once and should not be again: riddles, aphorisms, and one of two persons. */
const unwanted: readonly RegExp[] = [
  /\bthe record\b/i,
  /\baudit record\b/i,
  /\blook again\b/i,
  /\blook at (them|it)\b/i,
  /read the files again/i,
  /wants somebody/i,
  /\bat rest\b/i,
  /needs you\b/i,
  /go to or do/i,
  /alive now/i,
  /parts of this gatehouse/i,
  /\bshut out\b/i,
  /let (them )?in again/i,
  /\belsewhere\b/i,
  /\bput back\b/i,
  /make ten/i,
  /this is needed/i,
  /\bmay not\b/i,
  /let a device in/i,
  /said (yes|no) to/i,
  /what the policies were told/i,
  /\bmade? (it|them) again\b/i,
  /\b(of|id of) (the )?thing\b/i,
  /goes by itself/i,
  /proof of death/i,
  /\breached as\b/i,
  /stood in the way/i,
  /\bmend\b/i,
  /\b(he|she|his|her|hers|him)\b/i,
]

const source = import.meta.dirname

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) && !name.startsWith('generated'),
)

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '')

it('the interface speaks the plain English of the field', () => {
  const found = files.flatMap((name) => {
    const text = withoutComments(readFileSync(join(source, name), 'utf8'))
    return unwanted.flatMap((words) => {
      const match = words.exec(text)
      return match === null
        ? []
        : [`${name}: ${text.slice(match.index - 30, match.index + 40).replaceAll(/\s+/g, ' ')}`]
    })
  })
  expect(found).toEqual([])
  expect(files.length).toBeGreaterThan(100)
})

/** Filters that say what a list shows or how. Of all others the first choice leaves nothing out: it is called `any`. */
const ofShowing = ['Show', 'Sort', 'Times', 'Ended locks']

it('the first choice of a filter is any, or says what is shown', () => {
  const filters = files.flatMap((name) =>
    [...readFileSync(join(source, name), 'utf8').matchAll(/<SelectFilter\b[\s\S]*?\/>/g)].map(([tag]) => ({
      name: `${name}: ${/label="([^"]+)"/.exec(tag)?.[1]}`,
      label: /label="([^"]+)"/.exec(tag)?.[1] ?? '',
      says: /\bnone=/.test(tag),
    })),
  )
  expect(filters.filter(({ label, says }) => says !== ofShowing.includes(label)).map(({ name }) => name)).toEqual([])
  expect(filters.length).toBeGreaterThan(25)
})
