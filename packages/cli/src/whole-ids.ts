import { Id, isOperationName, operations, type Operation, type OperationName } from '@gatehouse/contract'
import { z } from 'zod'
import type { Cli } from './cli.ts'
import { CliError, usageError } from './cli-error.ts'
import { flagsOf, unwrap } from './operation-flags.ts'
import { printable } from './printable.ts'
import { isNoName, isShortId, isWholeId } from './short-id.ts'
import { cellText, kindByName } from './value-text.ts'
import { label, kebab } from './words.ts'

type Input = Readonly<Record<string, unknown>>
type Item = Readonly<Record<string, unknown>>

/** So many of the newest things are looked through; who means an older one gives the whole id. */
const PAGES_MAX = 10
const PAGE_ITEMS = 200

/** Where the things of a field are listed, where that is not the list of the operation's own noun. */
const lists: Readonly<Record<string, OperationName>> = {
  host: 'sshHost.list',
  key: 'kmsKey.list',
  backend: 'secretBackend.list',
  authority: 'sshAuthority.list',
  user: 'user.list',
  principal: 'user.list',
  requester: 'user.list',
  team: 'team.list',
  session: 'session.list',
  audit: 'audit.search',
  auth: 'session.list',
  mfa: 'authenticator.list',
  totp: 'authenticator.list',
}

/** The same of fields that are called as another noun is, or mean something else in other operations. */
const listsOfFields: Readonly<Record<string, OperationName>> = {
  approval: 'breakGlass.list',
  entry: 'audit.search',
  'policy.files.change': 'policy.history',
  'policy.rollback.to': 'policy.history',
}

/** The input with whole ids where a person typed the short ones that tables print, or the name of a thing. */
export const withWholeIds = async (operation: Operation, cli: Cli, input: Input): Promise<Input> => {
  const whole: Record<string, unknown> = { ...input }
  for (const [field, text] of Object.entries(input)) {
    const list = typeof text === 'string' ? listFor(operation, field, text) : null
    if (list !== null) whole[field] = await wholeId(cli, { list, field, operation, text: String(text) })
  }
  return whole
}

/** The input as if each name that stands for an id were looked up already, for the check before anything leaves. */
export const asIfLookedUp = (operation: Operation, input: Input): Input =>
  Object.fromEntries(
    Object.entries(input).map(([field, text]) => {
      const isName = typeof text === 'string' && takesId(operation, field) && listFor(operation, field, text) !== null
      return [field, isName ? someId : text]
    }),
  )

const someId = '00000000-0000-0000-0000-000000000000'

/** The list to look a text up in; null where it is a whole id, or the field takes none. */
const listFor = (operation: Operation, field: string, text: string): OperationName | null => {
  const list = listOf(operation, field)
  if (list === null || !takesId(operation, field)) return isNoName(text) ? list : null
  return isShortId(text) || (!isWholeId(text) && haveNames(list)) ? list : null
}

const listOf = (operation: Operation, field: string): OperationName | null => {
  const list = listsOfFields[`${operation.name}.${field}`] ?? listsOfFields[field]
  if (list !== undefined) return list
  const noun = field === 'id' ? (operation.name.split('.')[0] ?? '') : field
  const own = `${noun}.list`
  return lists[noun] ?? (isOperationName(own) ? own : null)
}

/** Whether the things of a list have names by which people call them. */
const haveNames = (list: OperationName): boolean => {
  const page: z.core.$ZodType = operations[list].output
  const items = page instanceof z.ZodObject ? page.shape['items'] : null
  const item = items instanceof z.ZodArray ? items.element : null
  return item instanceof z.ZodObject && ('name' in item.shape || 'username' in item.shape)
}

/** Whether a field takes an id alone. Where it takes names as well, the server looks those up. */
const takesId = (operation: Operation, field: string): boolean => {
  const schema = operation.input.shape[field] as z.ZodType | undefined // a ZodObject's shape holds classic types here
  return schema !== undefined && unwrap(schema).inner === Id
}

interface Sought {
  readonly list: OperationName
  readonly field: string
  readonly operation: Operation
  readonly text: string
}

/**
 * The one id that begins so, or whose name it is. Left as it is: a name where names are taken, what is neither the
 * beginning of an id nor a name, and all where the list may not be read.
 */
const wholeId = async (cli: Cli, sought: Sought): Promise<string> => {
  const items = await itemsFor(cli, sought).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'forbidden') return null
    throw error
  })
  if (items === null) return sought.text
  const exact = items.filter(({ id, name, username }) => [id, name, username].includes(sought.text))
  if (exact.length > 0 && !takesId(sought.operation, sought.field)) return sought.text
  const meant = exact.length > 0 ? exact : items
  const [first, ...more] = meant
  if (first === undefined && !isShortId(sought.text)) return sought.text
  if (first === undefined) throw unknown(sought)
  if (more.length > 0) throw ambiguous(sought, meant, cli.now())
  return String(first['id'])
}

const itemsFor = async (cli: Cli, { list, text }: Sought): Promise<readonly Item[]> => {
  const client = await cli.client()
  const found: Item[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const input = { first: PAGE_ITEMS, ...(after === null ? {} : { after }) }
    // every list takes these two and answers a page; the name is not known to the compiler here
    const answer: { items: readonly Item[]; nextCursor: string | null } = (await client.call(
      list,
      input as never,
    )) as never
    const { items, nextCursor } = answer
    found.push(...items.filter(({ id, name, username }) => beginsSo(id, text) || name === text || username === text))
    after = nextCursor
    if (after === null) break
  }
  return found
}

const beginsSo = (id: unknown, text: string): boolean => typeof id === 'string' && id.startsWith(text)

const flagName = ({ operation, field }: Sought): string =>
  flagsOf(operation).find((flag) => flag.field === field)?.name ?? kebab(field)

const unknown = (sought: Sought): CliError =>
  new CliError({
    code: 'not-found',
    message: `--${flagName(sought)}: nothing here has an id that begins with ${sought.text}`,
    hint: 'the whole id is shown by -o wide',
  })

const ambiguous = (sought: Sought, items: readonly Item[], now: Date): CliError => {
  const columns = (operations[sought.list] as Operation).command?.columns ?? []
  const fields = items.map((item) => ({
    path: printable(String(item['id'])),
    message: columns
      .filter((column) => column !== 'id' && item[column] !== null)
      .slice(0, 3)
      .map((column) => `${label(column)} ${cellText(item[column], kindByName(column), now)}`)
      .join(', '),
  }))
  return usageError(
    `--${flagName(sought)}: ${items.length} are meant by ${printable(sought.text)}: give one of their ids`,
    { fields },
  )
}
