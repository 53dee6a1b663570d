/**
 * Opens documents that were changed at random, in a thread whose memory is bounded: what takes more ends it. Answers,
 * for each document, how many were refused, how many opened, and the first fault.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import { ageIdentities, ageKeys, formatOf, openDocument, SopsError, type OpenDocument } from '../src/index.ts'
import { bytesOf } from '../src/scalar.ts'
import type { Node } from '../src/tree.ts'

export interface Mutating {
  readonly golden: string
  /** Documents of one key, and another of the same format for each. */
  readonly names: readonly (readonly [string, string])[]
  readonly numRuns: number
  readonly seed: number
}

export interface Mutated {
  readonly name: string
  readonly refused: number
  readonly opened: number
  readonly fault: string | null
}

const pieces = ['ENC[', ']', '{', '}', '[', ':', '\n', '*a', '&a ', '- ', '"', '#', ',type:int]', '\0', '=']

/** A change of some characters, or of whole lines: gone, doubled, exchanged, or one of another document's. */
const change = fc.oneof(
  fc.record({ what: fc.constant('cut' as const), at: fc.nat(), length: fc.nat(40), piece: fc.constantFrom(...pieces) }),
  fc.record({ what: fc.constant('flip' as const), at: fc.nat(), bits: fc.integer({ min: 1, max: 127 }) }),
  fc.record({
    what: fc.constantFrom('drop' as const, 'double' as const, 'exchange' as const, 'foreign' as const),
    at: fc.nat(),
    other: fc.nat(),
  }),
)
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

const changed = (text: string, one: Change, foreign: string): string => {
  if (one.what === 'cut' || one.what === 'flip') {
    const at = one.at % text.length
    if (one.what === 'cut') return text.slice(0, at) + one.piece + text.slice(at + one.length)
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ one.bits) + text.slice(at + 1)
  }
  const lines = text.split('\n')
  const [at, other] = [one.at % lines.length, one.other % lines.length]
  const [line = '', otherLine = ''] = [lines[at], lines[other]]
  const foreignLines = foreign.split('\n')
  if (one.what === 'drop') lines.splice(at, 1)
  else if (one.what === 'double') lines.splice(other, 0, line)
  else if (one.what === 'foreign') lines.splice(at, 1, foreignLines[one.other % foreignLines.length] ?? '')
  else [lines[at], lines[other]] = [otherLine, line]
  return lines.join('\n')
}

/** All values one behind another: what the document's `mac` is over. */
const valuesOf = ({ parsed }: OpenDocument): string => {
  const all: Uint8Array[] = []
  const visit = (node: Node): void => {
    if (node.kind === 'leaf') {
      if (node.value.type !== 'null') all.push(bytesOf(node.value))
    } else if (node.kind === 'list') node.items.forEach((item) => item.kind !== 'comment' && visit(item))
    else node.entries.forEach((one) => one.kind === 'entry' && visit(one.value))
  }
  parsed.docs.forEach(visit)
  return Buffer.concat(all).toString('latin1')
}

const { golden, names, numRuns, seed } = workerData as Mutating // the test gave it
const services = [ageKeys(ageIdentities(readFileSync(join(golden, 'keys.txt'), 'utf8')))]
const textOf = (name: string): string => readFileSync(join(golden, name), 'latin1')

const mutated = async (name: string, foreignName: string): Promise<Mutated> => {
  const [whole, foreign, format] = [textOf(name), textOf(foreignName), formatOf(name)]
  const right = valuesOf(await openDocument(Buffer.from(whole, 'latin1'), { format, services }))
  const counts = { refused: 0, opened: 0 }
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
    const text = changes.reduce((before, one) => changed(before, one, foreign), whole)
    const answer = await openDocument(Buffer.from(text, 'latin1'), { format, services }).catch(
      (error: unknown) => error,
    )
    if (answer instanceof SopsError) counts.refused += 1
    else if (answer instanceof Error) throw answer
    else if (valuesOf(answer as OpenDocument) === right) counts.opened += 1
    else throw new Error('it opened with other values than were encrypted')
  })
  const result = await fc.check(property, { numRuns, seed, endOnFailure: true })
  const fault = result.failed ? `${String(result.errorInstance)} after ${JSON.stringify(result.counterexample)}` : null
  return { name, ...counts, fault }
}

for (const [name, foreign] of names) parentPort?.postMessage(await mutated(name, foreign))
