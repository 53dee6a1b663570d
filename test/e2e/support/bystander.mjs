// Calls auth.whoami one after the other until standard input ends, then prints the slowest answer. The first is not
// among them: a process that begins loads what it calls with. Behind that it prints a line.
const [base, token] = process.argv.slice(2)
let going = true
let milliseconds = 0
let calls = 0
process.stdin
  .on('end', () => {
    going = false
  })
  .resume()
const call = async () => {
  const response = await fetch(`${base}/trpc/auth.whoami`, { headers: { authorization: `Bearer ${token}` } })
  await response.text()
  if (response.status !== 200) throw new Error(`whoami answered ${response.status}`)
}
await call()
process.stdout.write('begun\n')
while (going) {
  const before = performance.now()
  await call()
  milliseconds = Math.max(milliseconds, performance.now() - before)
  calls += 1
}
process.stdout.write(JSON.stringify({ milliseconds, calls }))
