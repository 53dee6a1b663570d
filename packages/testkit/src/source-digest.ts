import { hash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const NOT_SOURCES = new Set(['node_modules', 'dist', 'test', 'testdata', '.turbo'])

/** Names all that lies at these places of a checkout, tests aside, by its content. */
export const sourceDigest = (root: string, places: readonly string[]): string => {
  const files = places.flatMap((place) => filesBelow(join(root, place)))
  // by the content of each: a time of change says little after a checkout
  const lines = files.map((path) => `${hash('sha256', readFileSync(path))} ${relative(root, path)}`)
  return hash('sha256', lines.join('\n'))
}

const filesBelow = (path: string): readonly string[] => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return found === undefined ? [] : [path]
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !NOT_SOURCES.has(name) && !name.endsWith('.test.ts'))
    .toSorted((one, two) => (one.name < two.name ? -1 : 1))
    .flatMap(({ name }) => filesBelow(join(path, name)))
}
