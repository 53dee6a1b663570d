import { createServer } from 'node:http'
import { endWithStandardInput } from './end-with-standard-input.ts'

const port = Number(process.env.GATEHOUSE_PORT)
const [command] = process.argv.slice(2)

const serve = (): void => {
  if (process.env.STAND_IN_DIES === '1') process.exit(7)
  const server = createServer((request, response) => {
    if (request.url === '/change-admin-password') process.send?.({ type: 'admin-password-changed' })
    // nothing is answered any more, and the process lives on; asleep, since a loop would take a core from other tests
    if (request.url === '/stand-still') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    response.end('ok')
  })
  server.listen(port, 'localhost', () => process.send?.({ type: 'ready' }))
  endWithStandardInput()
}

if (command === 'prepare')
  console.log(
    JSON.stringify({
      admin: { username: 'admin', oneTimePassword: 'open-sesame' },
      principals: process.argv.includes('--empty')
        ? []
        : [{ username: 'ada', password: 'p', totpSecret: 'S', role: 'Viewer', teams: [] }],
    }),
  )
else serve()
