import { operations, type Raw } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { flag } from './flag.ts'
import { suggestAction } from './nearest-action.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { checkInput } from './run-operation.ts'
import { showOutput } from './show-output.ts'

type Question = Raw<'policy.evaluate'>

/** Asks whether somebody may do something. A deny is an answer: the exit code says only whether there is one. */
export const runPolicyEvaluation = async (cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations['policy.evaluate']
  const question = questionOf(args)
  checkInput(operation, [], question)
  const told = await (await cli.client()).call('policy.evaluate', question)
  showOutput(cli, operation, told)
  suggestAction(cli, question.action, told)
  return 0
}

/** The question that the words of a command ask. */
export const questionOf = ({ values }: Arguments): Question => {
  requireFlags(values, [flag('action', '', { required: true }), flag('resource', '', { required: true })])
  const principal = textOf(values, 'principal')
  const type = principal === null ? null : thingIn('principal', principal)
  return {
    action: textOf(values, 'action') ?? '',
    resource: thingIn('resource', textOf(values, 'resource') ?? ''),
    // the contract says which types there are
    ...(type === null ? {} : { principal: type as NonNullable<Question['principal']> }),
    ...given(values, ['workspace', 'session', 'address']),
    properties: factsIn('property', values['property']),
    context: factsIn('claim', values['claim']),
    parameters: listIn(values['parameters']),
  }
}

const given = (values: Arguments['values'], fields: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const text = textOf(values, field)
      return text === null ? [] : [[field, text] as const]
    }),
  )

const exampleOf = { principal: 'User:ada', resource: 'Server:web-1 or System:gatehouse' } as const

/** `Server:web-1`: a type and an id. The id may hold more colons. */
const thingIn = (name: keyof typeof exampleOf, text: string): { readonly type: string; readonly id: string } => {
  const at = text.indexOf(':')
  if (at < 1 || at === text.length - 1)
    throw flagError(name, `\`${text}\` is no type and id, such as ${exampleOf[name]}`)
  return { type: text.slice(0, at), id: text.slice(at + 1) }
}

const listIn = (value: Arguments['values'][string] | undefined): string[] =>
  Array.isArray(value) ? value.map(String) : []

/** `force=true`: true, false and whole numbers are what they look like, all else is text. */
const factsIn = (name: string, value: Arguments['values'][string] | undefined): Question['context'] =>
  Object.fromEntries(
    listIn(value).map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw flagError(name, `\`${text}\` is no name and value, such as force=true`)
      return [text.slice(0, at), factOf(text.slice(at + 1))]
    }),
  )

const factOf = (text: string): string | number | boolean => {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}
