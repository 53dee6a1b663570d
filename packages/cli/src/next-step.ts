import type { OperationName } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { printable } from './printable.ts'

/** What somebody else has to type before it goes on: few of them may list what waits, so nobody else tells them. */
const nextSteps: Partial<Record<OperationName, (id: string) => string>> = {
  'approval.request': (id) => `send it to whoever shall approve it; they run: gatehouse approval approve ${id}`,
}

/** Says how it goes on, to a person who reads what came of a call. */
export const sayNextStep = ({ terminal, options }: Cli, name: OperationName, output: unknown): void => {
  const step = nextSteps[name]
  if (step === undefined || options.form === 'json' || options.quiet) return
  const id = typeof output === 'object' && output !== null && 'id' in output ? output.id : null
  if (typeof id === 'string') terminal.talk(`${step(printable(id))}\n`)
}
