import { readTableText, type TableRead, type TableRecord } from '@gatehouse/kit/tables'
import type { FieldProblem } from './refusal.ts'

/** What of a host's variables says how it is reached; all others are Ansible's alone. */
const fields: Readonly<Record<string, string>> = {
  ansible_host: 'address',
  ansible_ssh_host: 'address',
  ansible_port: 'port',
  ansible_ssh_port: 'port',
  ansible_user: 'user',
  ansible_ssh_user: 'user',
}

interface Named {
  readonly where: string
  readonly name: string
  /** Of `fields` alone: a file may say a hundred thousand others of one host. */
  readonly variables: ReadonlyMap<string, string>
}

/** Hosts of an Ansible inventory: its INI form, or the JSON that `ansible-inventory --list` prints. */
export function readInventory(source: Uint8Array): TableRead {
  const read = readTableText(source)
  if ('problems' in read) return read
  const named = /^\s*\{/.test(read.text) ? namedInJson(read.text) : namedInLines(read.text)
  return 'problems' in named ? named : { records: named.hosts.map(recordOf) }
}

type NamedHosts = { readonly hosts: readonly Named[] } | { readonly problems: readonly FieldProblem[] }

function recordOf({ where, name, variables }: Named): TableRecord {
  const given = [...variables].flatMap(([variable, value]) => {
    const field = fields[variable]
    return field === undefined ? [] : [[field, value] as const]
  })
  return { where, values: { name, address: name, ...Object.fromEntries(given) } }
}

/** Groups of hosts; the sections of their variables and of groups in groups name no host. */
const section = /^\[([^\]:]+)(?::(vars|children))?\]$/

/** A host may stand in several groups; what its lines say of it is put together, and `[all:vars]` holds for all. */
function namedInLines(text: string): NamedHosts {
  const hosts = new Map<string, NamedSoFar>()
  const shared = new Map<string, string>()
  const problems: FieldProblem[] = []
  let kind: string | null = null
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const where = `line ${index + 1}`
    const words = wordsOf(line)
    if (words.length === 0) continue
    const head = section.exec(words.join(' '))
    if (head !== null) kind = head[2] === 'vars' && head[1] !== 'all' ? 'other-vars' : (head[2] ?? null)
    else if (kind === null) addHost(hosts, { where, words, problems })
    else if (kind === 'vars') for (const [variable, value] of pairsOf([words.join('')])) shared.set(variable, value)
  }
  if (problems.length > 0) return { problems }
  return { hosts: [...hosts.values()].map((host) => ({ ...host, variables: new Map([...shared, ...host.variables]) })) }
}

/** Blanks inside quotes are a value's; `#` and `;` at the start of a word begin a remark. */
const wordsOf = (line: string): readonly string[] => {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []
  const end = words.findIndex((word) => word.startsWith('#') || word.startsWith(';'))
  return end === -1 ? words : words.slice(0, end)
}

/** What words say of variables that are fields of ours. */
const pairsOf = (words: readonly string[]): readonly (readonly [string, string])[] =>
  words.flatMap((word) => {
    const [, variable, value] = /^([^=]+)=(.*)$/.exec(word) ?? []
    if (variable === undefined || value === undefined || !Object.hasOwn(fields, variable.trim())) return []
    return [[variable.trim(), plain(value.trim())] as const]
  })

const plain = (value: string): string => value.replace(/^(["'])(.*)\1$/, '$2')

type NamedSoFar = Named & { readonly variables: Map<string, string> }

interface HostLine {
  readonly where: string
  readonly words: readonly string[]
  readonly problems: FieldProblem[]
}

function addHost(hosts: Map<string, NamedSoFar>, { where, words: [name = '', ...rest], problems }: HostLine): void {
  if (name.includes('[') || name.includes('='))
    return void problems.push({
      path: where,
      message: 'is a pattern of names, or no host: print the inventory whole with ansible-inventory --list',
    })
  const host = hosts.get(name) ?? { where, name, variables: new Map() }
  hosts.set(name, host)
  for (const [variable, value] of pairsOf(rest)) host.variables.set(variable, value)
}

function namedInJson(text: string): NamedHosts {
  const listed = parsed(text)
  const variables = asObject(asObject(asObject(listed)?.['_meta'])?.['hostvars'])
  if (listed === null || variables === null)
    return { problems: [{ path: 'file', message: 'is not what `ansible-inventory --list` prints' }] }
  const names = new Set([...hostsOf(listed), ...Object.keys(variables)])
  return {
    hosts: [...names].map((name) => ({
      where: `host ${name}`,
      name,
      variables: new Map(
        Object.entries(asObject(variables[name]) ?? {}).flatMap(([key, value]) =>
          Object.hasOwn(fields, key) ? [[key, textOfValue(value)] as const] : [],
        ),
      ),
    })),
  }
}

const hostsOf = (listed: object): readonly string[] =>
  Object.values(listed).flatMap((group: unknown) => {
    const named = asObject(group)?.['hosts']
    return Array.isArray(named) ? named.map(String) : []
  })

const parsed = (text: string): object | null => {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return null // said with all else that it may not be
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null

/** A template or a list stays what it is, and is refused as the field that it fills. */
const textOfValue = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
