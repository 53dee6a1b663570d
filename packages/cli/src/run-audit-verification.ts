import { resolve } from 'node:path'
import { parseCheckpoint } from '@gatehouse/audit/verify'
import { operations, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { checkpointProblems, rootText } from './checkpoint-problems.ts'
import { flagError } from './cli-error.ts'
import type { Client } from './client.ts'
import { noteIn } from './note-files.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { forgetCheckpoints, newestCheckpoint, rememberCheckpoint } from './remembered-checkpoints.ts'
import { showOutput } from './show-output.ts'

/** Verifies the audit log on the server, and against what this machine saw before. Exit 1 unless all is well. */
export const runAuditVerification = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const { configHome } = cli.config
  if (values['forget'] === true) await forgetCheckpoints(configHome, client.server)
  const remembered = await newestCheckpoint(configHome, client.server)
  const given = (await givenCheckpoint(cli, textOf(values, 'remembered'))) ?? remembered?.checkpoint
  const verification = await client.call('audit.verify', given === undefined ? {} : { remembered: given })
  const { publicKey } = await client.call('audit.checkpoint', {})
  const own = checkpointProblems({ verification, publicKey, remembered })
  const problems = [...verification.problems, ...own]
  const whole = { ...verification, ok: verification.ok && own.length === 0, problems }
  if (whole.ok) await remember(cli, client, { verification, publicKey })
  showOutput(cli, operations['audit.verify'], whole)
  cli.terminal.talk(verdict(whole, remembered?.size ?? null))
  return whole.ok ? 0 : 1
}

/**
 * A checkpoint that was kept elsewhere: its text, or a file of it. What is none is refused here: sent, it would be told
 * as an audit log that is not whole.
 */
const givenCheckpoint = async ({ config }: Cli, given: string | null): Promise<string | null> => {
  if (given === null) return null
  const text = given.includes('\n') ? given : await noteIn(resolve(config.cwd, given), 'remembered')
  const note = `${text.trimEnd()}\n` // a shell takes the last line break away
  if (parseCheckpoint(note) === null)
    throw flagError('remembered', 'a checkpoint, or a file of one: gatehouse audit checkpoint --quiet > kept.txt')
  return note
}

const remember = async (
  cli: Cli,
  client: Client,
  { verification, publicKey }: { verification: Wire<'audit.verify'>; publicKey: string },
): Promise<void> => {
  const note = verification.checkpoint === null ? null : parseCheckpoint(verification.checkpoint)
  if (note === null || verification.checkpoint === null) return
  await rememberCheckpoint(cli.config.configHome, client.server, {
    size: note.size,
    root: rootText(note),
    checkpoint: verification.checkpoint,
    publicKey,
    at: cli.now().toISOString(),
  })
}

const verdict = (
  { ok, size, pending, pruned, problems }: Wire<'audit.verify'>,
  rememberedSize: number | null,
): string => {
  if (!ok) return `the audit log is NOT whole: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n`
  const since = rememberedSize === null ? '' : ` · holds all ${rememberedSize} that this machine had seen`
  return (
    `the audit log is whole: ${size} ` +
    `entries${pending === 0 ? '' : `, ${pending} waiting for their place`}` +
    `${pruned === 0 ? '' : `, ${pruned} removed when their time was over`}${since}\n`
  )
}
