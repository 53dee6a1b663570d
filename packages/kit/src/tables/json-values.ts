import { TableError } from './table-problem.ts'
import { placesOf, type TextPlace } from './text-places.ts'

/** A JSON value and where it begins; objects and lists have their parts with their places, too. */
export interface PlacedValue {
  readonly line: number
  readonly value: unknown
  /** The entries of a list. */
  readonly entries: readonly PlacedValue[] | null
  /** The fields of an object. */
  readonly fields: ReadonlyMap<string, PlacedValue> | null
}

/** People are lists of objects with lists in them; deeper is something else. */
const depthMax = 8

/**
 * Reads one JSON value, or several with line breaks between (JSON Lines). Stricter than the engine's own reader: a
 * field that is named twice is refused, since the engine takes the last without a word. Refusals name the place and
 * repeat nothing of the text, which has hashes.
 */
export function readJsonValues(text: string): readonly PlacedValue[] {
  const reader: Reader = { text, at: 0, depth: 0, placeOf: placesOf(text) }
  const values: PlacedValue[] = []
  skipBlanks(reader)
  while (reader.at < text.length) {
    values.push(readValue(reader))
    const end = reader.at
    skipBlanks(reader)
    if (reader.at < text.length && !/[\r\n]/.test(text.slice(end, reader.at)))
      throw wanted(reader, 'the end, or a line break and the next person')
  }
  return values
}

interface Reader {
  readonly text: string
  readonly placeOf: (index: number) => TextPlace
  at: number
  depth: number
}

function wanted({ placeOf, at }: Reader, what: string): TableError {
  const { line, character } = placeOf(at)
  return new TableError({ path: `line ${line}, character ${character}`, message: `is not JSON; wanted: ${what}` })
}

function skipBlanks(reader: Reader): void {
  while (/[ \t\r\n]/.test(reader.text.charAt(reader.at))) reader.at += 1
}

function readValue(reader: Reader): PlacedValue {
  const { line } = reader.placeOf(reader.at)
  const first = reader.text.charAt(reader.at)
  if (first === '{' || first === '[') return { line, ...nested(reader, first) }
  const value = first === '"' ? readString(reader) : readWord(reader)
  return { line, value, entries: null, fields: null }
}

function nested(reader: Reader, first: '{' | '['): Omit<PlacedValue, 'line'> {
  if (reader.depth === depthMax) throw wanted(reader, 'fewer lists and objects within each other')
  reader.depth += 1
  const read = first === '{' ? readObject(reader) : readList(reader)
  reader.depth -= 1
  return read
}

function readList(reader: Reader): Omit<PlacedValue, 'line'> {
  const entries: PlacedValue[] = []
  readParts(reader, ']', () => entries.push(readValue(reader)))
  return { value: entries.map(({ value }) => value), entries, fields: null }
}

function readObject(reader: Reader): Omit<PlacedValue, 'line'> {
  const fields = new Map<string, PlacedValue>()
  readParts(reader, '}', () => {
    const start = reader.at
    if (reader.text[start] !== '"') throw wanted(reader, 'the name of a field in double quotes')
    const name = readString(reader)
    if (fields.has(name)) throw wanted({ ...reader, at: start }, 'each field once; this one is there already')
    skipBlanks(reader)
    if (reader.text[reader.at] !== ':') throw wanted(reader, 'a colon and a value')
    reader.at += 1
    skipBlanks(reader)
    fields.set(name, readValue(reader))
  })
  return { value: Object.fromEntries([...fields].map(([name, { value }]) => [name, value])), entries: null, fields }
}

/** The parts of a list or an object: commas between them, none behind the last. */
function readParts(reader: Reader, end: ']' | '}', readPart: () => void): void {
  reader.at += 1
  skipBlanks(reader)
  let mayEnd = true
  while (!(mayEnd && reader.text[reader.at] === end)) {
    readPart()
    skipBlanks(reader)
    mayEnd = reader.text[reader.at] === end
    if (mayEnd) continue
    if (reader.text[reader.at] !== ',') throw wanted(reader, `a comma or \`${end}\``)
    reader.at += 1
    skipBlanks(reader)
  }
  reader.at += 1
}

const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const controlsBelow = ' '

function readString(reader: Reader): string {
  const start = reader.at
  reader.at += 1
  for (;;) {
    const character = reader.text.charAt(reader.at)
    if (character === '' || character < controlsBelow) throw wanted(reader, 'a double quote that ends the text')
    if (character === '"') break
    escape.lastIndex = reader.at
    if (character === '\\' && !escape.test(reader.text)) throw wanted(reader, 'an escape that JSON has')
    reader.at = character === '\\' ? escape.lastIndex : reader.at + 1
  }
  reader.at += 1
  return String(JSON.parse(reader.text.slice(start, reader.at))) // a JSON string, as was just seen
}

const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y

function readWord(reader: Reader): unknown {
  word.lastIndex = reader.at
  const [found] = word.exec(reader.text) ?? []
  if (found === undefined) throw wanted(reader, 'a text in double quotes, a list or an object')
  reader.at += found.length
  return JSON.parse(found)
}
