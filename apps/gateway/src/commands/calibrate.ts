import { totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { ConfigError } from '@gatehouse/config'
import { calibratePasswords, hashesAtOnce, passwordCostDefault } from '@gatehouse/identity'

/** A person does not notice it, and one core still checks ten passwords a second. */
const targetMillisecondsDefault = 100

/** All hashes of a process together take at most this part of the machine's memory: a login flood must not end it. */
const memoryPart = 1 / 8

/** `admin calibrate`: measures what passwords may cost on this machine and prints the lines of the settings file. */
export async function calibrateCommand(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { 'target-ms': { type: 'string' }, json: { type: 'boolean' } },
    allowPositionals: true,
  })
  const targetMilliseconds = Number(values['target-ms'] ?? targetMillisecondsDefault)
  if (!(targetMilliseconds >= 1 && targetMilliseconds <= 5000))
    throw new ConfigError('--target-ms: milliseconds from 1 to 5000')
  const memoryKibMax = Math.floor((totalmem() * memoryPart) / 1024 / hashesAtOnce)
  const { best, measured } = await calibratePasswords({ targetMilliseconds, memoryKibMax })
  if (values.json === true)
    return void process.stdout.write(
      `${JSON.stringify({ targetMilliseconds, memoryKibMax, hashesAtOnce, measured, best })}\n`,
    )
  const lines = measured.map(
    (one) =>
      `${String(one.memoryKib).padStart(8)} KiB  ${one.passes} passes  ${one.milliseconds.toFixed(0).padStart(5)} ms`,
  )
  const advice =
    best === null
      ? `even the minimum takes longer than ${targetMilliseconds} ms here; keep ${passwordCostDefault.memoryKib} ` +
        `KiB and ${passwordCostDefault.passes} passes, or give --target-ms`
      : `[password]\nmemory_kib = ${best.memoryKib}\npasses = ${best.passes}`
  process.stdout.write(
    `${lines.join('\n')}\n\nwithin ${targetMilliseconds} ms, ${hashesAtOnce} at once:\n\n${advice}\n`,
  )
}
