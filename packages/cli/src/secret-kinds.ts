import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import type { Wanted } from './run-alert-channel-creation.ts'

type Values = Arguments['values']

/** What a backend of a kind is reached with, and what a role of it says, by the flags that have the fields' names. */
interface SecretKind {
  readonly flags: readonly string[]
  readonly secrets: (values: Values) => readonly Wanted[]
  readonly role: (cli: Cli, values: Values) => Promise<Record<string, unknown>>
}

/** Those of the fields that were typed. */
export const typed = (values: Values, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.flatMap((field) => (values[field] === undefined ? [] : [[field, values[field]]])))

/** Total: a kind that nobody can type is none. */
export const secretKinds: Readonly<Record<Wire<'secretRole.get'>['kind'], SecretKind>> = {
  postgres: {
    flags: [],
    secrets: () => [
      { field: 'url', question: 'the URL, with its password (postgresql://user:password@host/database): ' },
    ],
    role: (_, values) => Promise.resolve(typed(values, ['grants', 'connectionsMax'])),
  },
  vault: {
    flags: ['address', 'mount'],
    secrets: () => [{ field: 'token', question: 'the token: ' }],
    role: (_, values) => Promise.resolve(typed(values, ['path'])),
  },
  aws: {
    flags: ['region', 'accessKeyId', 'endpoint'],
    // without a key Gatehouse is there who its machine is
    secrets: ({ accessKeyId }) =>
      accessKeyId === undefined ? [] : [{ field: 'secretAccessKey', question: 'the secret access key: ' }],
    role: async (cli, values) => ({
      ...typed(values, ['roleArn', 'externalId']),
      ...(values['sessionPolicy'] === undefined
        ? {}
        : { policy: await policyIn(cli, String(values['sessionPolicy'])) }),
      ...pairsIn(values, { field: 'tags', separator: '=', names: ['key', 'value'] }),
    }),
  },
  upcloud: {
    flags: ['username', 'endpoint'],
    secrets: () => [{ field: 'password', question: 'the password: ' }],
    role: (_, values) =>
      Promise.resolve({
        ...typed(values, ['addresses']),
        ...pairsIn(values, { field: 'permissions', separator: ':', names: ['targetType', 'target'] }),
      }),
  },
}

/** What of a role is a kind's, under its own name; none where nothing of it was typed. */
export async function formsIn(cli: Cli, values: Values): Promise<Record<string, unknown>> {
  const forms: Record<string, unknown> = {}
  for (const [kind, { role }] of Object.entries(secretKinds)) {
    const form = await role(cli, values)
    if (Object.keys(form).length > 0) forms[kind] = form
  }
  return forms
}

/** No file at all: the role has no policy any more. */
const policyIn = async (cli: Cli, path: string): Promise<string> =>
  path === '' ? '' : textIn(cli, { flag: 'session-policy', path })

async function textIn({ config }: Cli, { flag, path }: { readonly flag: string; readonly path: string }) {
  try {
    return await readFile(resolve(config.cwd, path), 'utf8')
  } catch {
    throw flagError(flag, `names no file that can be read: ${path}`)
  }
}

interface Pairs {
  readonly field: string
  readonly separator: string
  readonly names: readonly [string, string]
}

/** `team=shop,stage=test` as objects. */
function pairsIn(values: Values, { field, separator, names }: Pairs): Record<string, unknown> {
  const given = values[field]
  if (!Array.isArray(given)) return {}
  const [left, right] = names
  const items = given.map((item) => {
    const at = String(item).indexOf(separator)
    if (at < 1) throw flagError(field, `is a list of ${left}${separator}${right}`)
    return { [left]: String(item).slice(0, at), [right]: String(item).slice(at + 1) }
  })
  return { [field]: items }
}
