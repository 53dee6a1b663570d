import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join, dirname } from 'node:path'

/** Where in a program that was put together a line of a stack points to. */
const builtPlace = /(?:file:\/\/)?(\/[^\s():]+\.mjs):(\d+):(\d+)/g

/** Maps that were read: a program has a dozen. */
const maps = new Map<string, SourceMap | null>()
const mapsMax = 100

/** An error as a log shows it, with the places of the sources. Whatever else stands in its place stays as it is. */
export const withSourcePlaces = <T>(shown: T): T => (hasStack(shown) ? placed(shown) : shown)

const hasStack = (shown: unknown): shown is { stack: string } =>
  typeof shown === 'object' && shown !== null && 'stack' in shown && typeof shown.stack === 'string'

const placed = <T extends { stack: string }>(shown: T): T => Object.assign(shown, { stack: sourcePlaces(shown.stack) })

/** The same stack with the places of the sources, where a program was put together from several. */
export function sourcePlaces(stack: string): string {
  return stack.replaceAll(builtPlace, (built: string, ...[path = '', line, column]: string[]) => {
    const origin = mapOf(path)?.findOrigin(Number(line), Number(column))
    if (origin === undefined || !('fileName' in origin)) return built
    return `${join(dirname(path), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

function mapOf(path: string): SourceMap | null {
  const known = maps.get(path)
  if (known !== undefined) return known
  const map = readMap(`${path}.map`)
  if (maps.size >= mapsMax) maps.clear()
  maps.set(path, map)
  return map
}

function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null // a module that is a source itself has none
  }
}
