import { readTable, type TableForm, type TableRecord } from '@gatehouse/kit/tables'
import { ImportedHost, importedHostsMax } from './operations/ssh-host.ts'
import { checkInput } from './problems.ts'
import type { FieldProblem } from './refusal.ts'
import { readInventory } from './read-inventory.ts'

/** Hosts of a file as `sshHost.import` takes them, with where each stands; or all that is wrong, by line and column. */
export type HostsRead = { readonly hosts: readonly TableRecord[] } | { readonly problems: readonly FieldProblem[] }

/** Where an account was named for all, no row has to. */
const formFor = (user: string | null): TableForm => ({
  columns: Object.keys(ImportedHost.shape),
  required: user === null ? ['name', 'address', 'user'] : ['name', 'address'],
  lists: ['principals', 'sourceAddresses'],
  row: 'host',
  field: 'hosts',
})

/** How a file is read: `inventory` is Ansible's, in INI, or what `ansible-inventory --list` prints. */
export type HostsForm = 'table' | 'inventory'

/** Reads hosts that somebody brings. All is checked before anything is sent. */
export function readHosts(source: Uint8Array, as: HostsForm, user: string | null): HostsRead {
  const read = as === 'inventory' ? readInventory(source) : readTable(source, formFor(user))
  if ('problems' in read) return read
  const records = read.records.map((record) => withDefaults(record, user))
  if (records.length === 0) return whole('names no host')
  if (records.length > importedHostsMax)
    return whole(`names ${records.length} hosts; one import is all or none and takes ${importedHostsMax}: split it`)
  const problems = records.flatMap(problemsOf)
  return problems.length > 0 ? { problems } : { hosts: records }
}

const whole = (message: string): HostsRead => ({ problems: [{ path: 'file', message }] })

/** The account that was named for all, where a host names none; numbers as the contract has them. */
function withDefaults({ where, values }: TableRecord, user: string | null): TableRecord {
  const { port } = values
  return {
    where,
    values: {
      ...(user === null ? {} : { user }),
      ...values,
      ...(typeof port === 'string' && /^\d{1,5}$/.test(port) ? { port: Number(port) } : {}),
    },
  }
}

/** Strictly: a field that is spelt otherwise would be left out without a word. */
function problemsOf({ where, values }: TableRecord): readonly FieldProblem[] {
  const checked = checkInput(ImportedHost.strict(), values)
  if ('data' in checked) return []
  return checked.problems.map(({ path, message }) => ({ path: `${where}, ${path}`, message }))
}
