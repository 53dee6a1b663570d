import { readTable, type TableForm, type TableRecord } from '@gatehouse/kit/tables'
import { ImportedUser, importedUsersMax } from './people-outputs.ts'
import { checkInput } from './problems.ts'
import type { FieldProblem } from './refusal.ts'

/** People of a file as `user.import` takes them, with where each stands; or all that is wrong, by line and column. */
export type PeopleRead = { readonly people: readonly TableRecord[] } | { readonly problems: readonly FieldProblem[] }

const isRequired = (schema: { safeParse: (value: unknown) => { success: boolean } }): boolean =>
  !schema.safeParse(undefined).success

const form: TableForm = {
  columns: Object.keys(ImportedUser.shape),
  required: Object.entries(ImportedUser.shape).flatMap(([name, schema]) => (isRequired(schema) ? [name] : [])),
  lists: ['teams'],
  row: 'person',
  field: 'users',
}

/** What can be brought as people; says it to people. */
export const peopleFormats =
  'CSV with a line of column names (commas, semicolons, tabs or bars between cells), JSON or JSON Lines, ' +
  'in UTF-8 or UTF-16'

/** Reads people that somebody brings, from a file's bytes or a text. All is checked before anything is sent. */
export function readPeople(source: Uint8Array | string): PeopleRead {
  const read = readTable(source, form)
  if ('problems' in read) return read
  const { records } = read
  if (records.length === 0) return whole(`holds nobody; wanted is ${peopleFormats}`)
  if (records.length > importedUsersMax)
    return whole(
      `holds ${records.length} people; one import is all or none and takes ${importedUsersMax}: split the file`,
    )
  const problems = records.flatMap(problemsOf)
  return problems.length > 0 ? { problems } : { people: records }
}

const whole = (message: string): PeopleRead => ({ problems: [{ path: 'file', message }] })

/** Strictly: a field that is spelt otherwise would be left out without a word. */
function problemsOf({ where, values }: TableRecord): readonly FieldProblem[] {
  const checked = checkInput(ImportedUser.strict(), values)
  if ('data' in checked) return []
  return checked.problems.map(({ path, message }) => ({ path: `${where}, ${path}`, message }))
}

/** What the server finds wrong is by its place in the list; people look for the line. */
export const placedInFile = (
  fields: readonly FieldProblem[],
  records: readonly TableRecord[],
): readonly FieldProblem[] => fields.map(({ path, message }) => ({ path: placeOf(path, records), message }))

/** Lists of what was brought stand directly in an input, under whatever name. */
function placeOf(path: string, records: readonly TableRecord[]): string {
  const [, index, rest] = /^\w+(?:\.|\[)(\d+)\]?\.?(.*)$/.exec(path) ?? []
  const record = index === undefined ? undefined : records[Number(index)]
  if (record === undefined) return path
  return rest === undefined || rest === '' ? record.where : `${record.where}, ${rest}`
}
