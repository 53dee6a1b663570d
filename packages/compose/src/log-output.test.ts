import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const module = fileURLToPath(new URL('./log-output.ts', import.meta.url))

/** A process that logs lines of a kilobyte with their numbers, and then does something. */
function logging(lines: number, then: string, before = ''): ChildProcessByStdio<null, Readable, Readable> {
  const program = `
    import { LogOutput } from ${JSON.stringify(module)}
    ${before}
    const output = new LogOutput(process.stdout.fd, (lines) => 'missing ' + lines + '\\n')
    for (let i = 0; i < ${lines}; i += 1) output.write(String(i).padEnd(1023) + '\\n')
    process.stderr.write('logged')
    ${then}`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
}
const linesOf = async (stream: Readable): Promise<readonly string[]> =>
  (await text(stream))
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trimEnd())
const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i))

test('what is read comes whole and in order, also what waits at the end', async () => {
  const child = logging(3000, 'process.exit(0)')
  expect(await linesOf(child.stdout)).toEqual(numbers(3000))
})

test('for a reader that hangs 16 MiB are kept, what is missing is counted, and the process goes on', async () => {
  const child = logging(20_000, 'setTimeout(() => {}, 30_000)')
  await once(child.stderr, 'data') // it never waited
  const read: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    read.push(...lines.map((line) => line.trimEnd()))
    if (lines.some((line) => line.startsWith('missing'))) child.kill()
  })
  await once(child, 'close')
  const kept = read.length - 1
  expect(kept).toBeGreaterThanOrEqual(16 * 1024)
  expect(read).toEqual([...numbers(kept), `missing ${20_000 - kept}`])
})

test('a process whose reader hangs ends within a second or so, and one without a reader at once', async () => {
  const asked = performance.now()
  const child = logging(3000, 'process.exit(0)') // nobody reads
  const [code] = (await once(child, 'exit')) as [number | null] // as Node documents it
  expect([code, performance.now() - asked < 10_000]).toEqual([0, true])
  const orphan = logging(3000, 'setInterval(() => {}, 1000)', "process.on('SIGTERM', () => process.exit(0))")
  await once(orphan.stderr, 'data')
  orphan.stdout.destroy()
  orphan.kill()
  expect(await once(orphan, 'exit')).toEqual([0, null])
})
