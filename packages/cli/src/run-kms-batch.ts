import { checkInput, kmsItemsMax, operations, type Raw } from '@gatehouse/contract'
import { envelopeKeyId } from '@gatehouse/kit'
import type { Client } from './client.ts'
import type { Cli } from './cli.ts'
import { CliError, exitCodeOf, usageError } from './cli-error.ts'
import { printable } from './printable.ts'

/** More than a tree of files has; who has more sends it in parts. */
export const batchBytesMax = 16 * 1024 * 1024
/** Leaves room in the body of a call for what stands around its items. */
const callBytesMax = 200 * 1024

/** What many items may be sent to. */
export type BatchName = 'kms.encrypt' | 'kms.decrypt' | 'kms.rewrap'

/** An item on a line of its own. */
interface Line {
  readonly item: Readonly<Record<string, unknown>>
  /** The key that it is of; null: it is no ciphertext, and nobody is asked. */
  readonly key: string | null
  readonly bytes: number
}

interface BatchWanted {
  readonly name: BatchName
  /** The key to encrypt under; null: the ciphertexts say theirs. */
  readonly key: string | null
  readonly text: string
}

/**
 * Does for each line of JSON what the command does for one item, and prints what came of each on a line. Nothing is
 * sent while a line is wrong; the exit code says whether all came to something.
 */
export async function runBatch(cli: Cli, { name, key, text }: BatchWanted): Promise<number> {
  const lines = linesOf(name, key, text)
  const client = await cli.client()
  let [told, failed] = [0, 0]
  for (const part of partsOf(lines)) {
    const results = await toldSoFar(told, () => resultsOf(client, name, part))
    // with what it is bound to, so that it can be sent on: to be decrypted, or rewrapped
    for (const [at, result] of results.entries()) {
      const { context } = part[at]?.item ?? {}
      cli.terminal.out(`${JSON.stringify({ ...result, context })}\n`)
    }
    told += results.length
    failed += results.filter(({ problem }) => problem !== null).length
  }
  if (failed === 0) return 0
  cli.terminal.talk(`${failed} of ${told} came to nothing; each line says why\n`)
  return exitCodeOf('conflict')
}

interface Result {
  readonly problem: string | null
}

async function resultsOf(client: Client, name: BatchName, part: readonly Line[]): Promise<readonly Result[]> {
  const sent = part.filter(({ key }) => key !== null)
  const [first] = sent
  const input = { key: first?.key ?? '', items: sent.map(({ item }) => item) }
  // each item has been read by the operation's own schema
  const made = first === undefined ? [] : (await client.call(name, input as Raw<BatchName>)).items
  const next = made[Symbol.iterator]()
  return part.map(({ key }) =>
    key === null ? { problem: 'malformed' } : (next.next().value ?? { problem: 'unanswered' }),
  )
}

/** What stops a batch says how much of it was done: whoever goes on begins there. */
async function toldSoFar<T>(told: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CliError) || told === 0) throw error
    const { code, message, details } = error
    throw new CliError({ code, message, details, cause: error, hint: `the first ${told} lines are done, and printed` })
  }
}

function linesOf(name: BatchName, key: string | null, text: string): readonly Line[] {
  const schema = operations[name].input.shape.items.unwrap().element
  const problems: Problem[] = []
  const lines = text.split('\n').flatMap((line, at): readonly Line[] => {
    if (line.trim() === '') return []
    const said = parsed(line)
    const item = fieldsOf(said, Object.keys(schema.shape))
    const found = [...problemsIn(checkInput(schema, item), item), ...strangersIn(said, Object.keys(schema.shape))]
    problems.push(...found.map(({ path, message }) => ({ path: `line ${at + 1}: ${path}`, message })))
    return [{ item, key: key ?? envelopeKeyId(String(item['ciphertext'])), bytes: Buffer.byteLength(line) }]
  })
  const [first] = problems
  if (first !== undefined)
    throw usageError(`${first.path}: ${first.message}`, { fields: problems.slice(0, problemsMax) })
  return lines
}

/** What a schema has against an item; that bytes are in base64 the server would say of it once all are sent. */
const problemsIn = (checked: ReturnType<typeof checkInput>, { plaintext }: Line['item']): readonly Problem[] => {
  if ('problems' in checked) return checked.problems
  const isBase64 = typeof plaintext !== 'string' || Buffer.from(plaintext, 'base64').toString('base64') === plaintext
  return isBase64 ? [] : [{ path: 'plaintext', message: 'bytes in base64, with padding' }]
}

interface Problem {
  readonly path: string
  readonly message: string
}

/** Who has a whole file wrong sees it by the first few lines. */
const problemsMax = 10

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** What stands in a line that was printed here. */
const told: ReadonlySet<string> = new Set(['problem', 'ciphertext', 'plaintext', 'keyVersion', 'context'])

/** Whoever mistypes `context` has bound nothing, and would never know. */
const strangersIn = (value: unknown, names: readonly string[]): readonly Problem[] =>
  Object.keys(typeof value === 'object' && value !== null ? value : {})
    .filter((name) => !names.includes(name) && !told.has(name))
    .map((name) => ({ path: printable(name.slice(0, nameMax)), message: 'there is no such field' }))

/** Enough of a name to find it by. */
const nameMax = 64

/** Of what a line says, what an item has: what came of an item is told beside it, and not sent. */
const fieldsOf = (value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
    : {}

/** In their order, so many as one call takes, all of one key. */
function partsOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const parts: Line[][] = []
  let [bytes, key] = [0, null as string | null]
  for (const line of lines) {
    const last = parts.at(-1)
    const isOther = line.key !== null && key !== null && line.key !== key
    if (last === undefined || isOther || last.length === kmsItemsMax || bytes + line.bytes > callBytesMax) {
      parts.push([line])
      ;[bytes, key] = [line.bytes, line.key]
    } else {
      last.push(line)
      ;[bytes, key] = [bytes + line.bytes, key ?? line.key]
    }
  }
  return parts
}
