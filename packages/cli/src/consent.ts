import type { Operation } from '@gatehouse/contract'
import { flagError, usageError } from './cli-error.ts'
import type { Cli } from './cli.ts'
import { findPolicyBefore } from './policy-before.ts'
import { printable } from './printable.ts'

type RawInput = Readonly<Record<string, unknown>>

/** Verbs after which something is gone for good: they repeat what they will do, and want `--yes` in scripts. */
const finalVerbs = ['delete', 'remove', 'erase', 'anonymize', 'scheduleDeletion']

/** Asks before something is gone for good. The input as it was consented to. */
export const consented = async (operation: Operation, cli: Cli, input: RawInput): Promise<RawInput> => {
  const verb = operation.name.split('.')[1] ?? ''
  if (operation.name === 'policy.rollback' && input['to'] === undefined) return rollbackConsented(cli, input)
  if (!finalVerbs.some((word) => verb.startsWith(word))) return input
  if (operation.name === 'kmsKey.scheduleDeletion' && canBeAsked(cli)) return keyDeletionConsented(cli, input)
  await confirm(cli, `${verb} ${whatOf(operation, input)}: ${operation.summary}`)
  return input
}

const canBeAsked = ({ terminal, options }: Cli): boolean => terminal.interactive && !options.yes

/** What goes: the thing that the command names, else all that was said. */
const whatOf = ({ command }: Operation, input: RawInput): string =>
  printable(String(command?.positional === undefined ? Object.values(input).join(' ') : input[command.positional]))

/** As the operation has it where nobody says. */
const daysOfItself = 30
const millisecondsADay = 86_400_000

/** Says what is lost with a key. Whoever consents has read the number, and need not type it. */
async function keyDeletionConsented(cli: Cli, input: RawInput): Promise<RawInput> {
  const client = await cli.client()
  const { name, ciphertexts, state } = await client.call('kmsKey.usage', { key: String(input['id']) })
  const days = typeof input['days'] === 'number' ? input['days'] : daysOfItself
  const goneOn = new Date(cli.now().getTime() + days * millisecondsADay).toISOString().slice(0, 10)
  const lost = `${ciphertexts} ${ciphertexts === 1 ? 'ciphertext' : 'ciphertexts'}`
  await confirm(
    cli,
    `delete the key ${printable(name)}, which is ${state} now: from this moment nothing is encrypted or decrypted ` +
      `under it.\nUntil ${goneOn} this can be called off (gatehouse kms-key cancel-deletion). After that ${lost} can ` +
      'never be decrypted again, by anybody.',
  )
  return input['losing'] === undefined ? { ...input, losing: ciphertexts } : input
}

/**
 * Shows which policy set one goes back to, where nobody has named it: whoever consents goes back to that one, also when
 * another comes into force meanwhile. `--yes` leaves it to the server, which knows it best.
 */
async function rollbackConsented(cli: Cli, input: RawInput): Promise<RawInput> {
  if (cli.options.yes) return input
  if (!cli.terminal.interactive)
    throw flagError(
      'to',
      'is missing; without a terminal name a policy set (gatehouse policy history), or say --yes for the one before',
    )
  const before = await findPolicyBefore(cli)
  // that there is none is the server's to say
  if (before === null) return input
  await confirm(cli, `go back, on every node, to the policy set\n  ${before.words}`)
  return { ...input, to: before.id }
}

/** Asks before something is gone for good. */
export const confirm = async ({ terminal, options }: Cli, what: string): Promise<void> => {
  if (options.yes) return
  if (!terminal.interactive)
    throw flagError('yes', `is missing; without a terminal it stands for your consent: ${what}`)
  const answer = await terminal.ask(`${what}\ngo on? [y/N] `, 'shown')
  if (!/^y(es)?$/i.test(answer)) throw usageError('nothing was done')
}
