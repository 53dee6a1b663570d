/** What is wrong with one person of an import: which one, by place and name, and what. */
export interface RowProblem {
  readonly row: number
  readonly username: string
  readonly text: string
}

/** People as they stand in a text, or why it is no list of people. */
export type ReadImport =
  | { readonly users: readonly Readonly<Record<string, unknown>>[]; readonly problem: null }
  | { readonly users: null; readonly problem: string }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads `[{…}, …]` or `{ "users": [{…}, …] }`. */
export function readImport(text: string): ReadImport {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, '')) // the mark that some programs put before a file's first byte
  } catch (error) {
    return { users: null, problem: `Not valid JSON: ${error instanceof Error ? error.message : 'it cannot be parsed'}` }
  }
  const list: unknown = isRecord(parsed) ? parsed['users'] : parsed
  if (!Array.isArray(list) || list.length === 0)
    return { users: null, problem: 'Enter a list of people: [{ "username": …, "role": …, "passwordHash": … }, …]' }
  const stranger = list.findIndex((one) => !isRecord(one))
  return stranger === -1
    ? { users: list.filter(isRecord), problem: null }
    : {
        users: null,
        problem: `Row ${stranger + 1} is not a person: enter an object with username, role and passwordHash`,
      }
}

/**
 * Problems of the contract or the server (`users.3.role`, `users[3].role`) by the row they are about; the rest by row
 * 0.
 */
export function rowProblems(
  fields: readonly { readonly path: string; readonly message: string }[],
  users: readonly Readonly<Record<string, unknown>>[],
): readonly RowProblem[] {
  return fields.map(({ path, message }) => {
    const [, index, field] = /^users(?:\.|\[)(\d+)\]?(?:\.(.+))?$/.exec(path) ?? []
    if (index === undefined) return { row: 0, username: '', text: path === '' ? message : `${path}: ${message}` }
    const name = users[Number(index)]?.['username']
    return {
      row: Number(index) + 1,
      username: typeof name === 'string' ? name : '',
      text: field === undefined ? message : `${field}: ${message}`,
    }
  })
}
