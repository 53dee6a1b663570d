// A process of its own, so that the storm's client does not slow what is measured: keeps log-ins with wrong passwords
// in flight until standard input ends.
// Prints a line when the first is answered, and at the end what was answered.
import { setTimeout as sleep } from 'node:timers/promises'

const [base = '', inFlight = '50', manner = 'patient'] = process.argv.slice(2)
let going = true
process.stdin
  .on('end', () => {
    going = false
  })
  .resume()
const answered: Record<string, number> = {}
let name = 0

/** One who logs in again and again. A patient one waits as long as he is told to; the other one does not listen. */
async function flood(): Promise<void> {
  while (going) {
    name += 1
    const response = await fetch(`${base}/trpc/auth.login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: `flood-${process.pid}-${name}`, password: 'wrong' }),
    })
    await response.arrayBuffer()
    if (Object.keys(answered).length === 0) process.stdout.write('begun\n')
    answered[response.status] = (answered[response.status] ?? 0) + 1
    const wait = Number(response.headers.get('retry-after') ?? 0)
    if (manner === 'patient' && wait > 0) await sleep(wait * 1000)
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, flood))
process.stdout.write(JSON.stringify(answered))
