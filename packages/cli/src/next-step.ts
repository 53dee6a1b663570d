import type { OperationName } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { printable } from './printable.ts'

/** What somebody else has to type before it goes on: they find it among what waits, and sooner if they are told. */
const nextSteps: Partial<Record<OperationName, (id: string) => string>> = {
  'approval.request': (id) =>
    `tell whoever shall approve it; it waits in their "gatehouse approval list", and they run: ` +
    `gatehouse approval approve ${id}`,
}

/** Says how it goes on, to a person who reads what came of a call. */
export const sayNextStep = ({ terminal, options }: Cli, name: OperationName, output: unknown): void => {
  const step = nextSteps[name]
  if (step === undefined || options.form === 'json' || options.quiet) return
  const id = typeof output === 'object' && output !== null && 'id' in output ? output.id : null
  if (typeof id === 'string') terminal.talk(`${step(printable(id))}\n`)
}
