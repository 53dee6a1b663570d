import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createOutbound, createOutboundHttp, parseAllowedPlace, type OutboundSettings } from '../src/outbound/index.ts'

// Run in a network of its own, in which every address is here: whatever would be sent is counted by the kernel.

/** TCP connections begun and datagrams sent since the network was made. */
function sent(): { readonly connections: number; readonly datagrams: number } {
  const lines = readFileSync('/proc/net/snmp', 'utf8').split('\n')
  const value = (protocol: string, field: string): number => {
    const [names = '', values = ''] = lines.filter((line) => line.startsWith(`${protocol}:`))
    return Number(values.split(' ')[names.split(' ').indexOf(field)])
  }
  return { connections: value('Tcp', 'ActiveOpens'), datagrams: value('Udp', 'OutDatagrams') }
}

async function outcomeOf(settings: OutboundSettings, url: string): Promise<string> {
  const http = createOutboundHttp({ outbound: createOutbound(settings), reach: 'public' })
  try {
    await http.send({ url, method: 'GET', secondsMax: 2, answerBytesMax: 1000, plain: 'allowed' })
    return 'answered'
  } catch {
    return 'refused'
  }
}

const nothingAllowed = { allowed: [], ownPorts: [] }
const urls = JSON.parse(process.argv[2] ?? '[]') as string[] // the test's own
const rebinding = ['127.0.0.1', '169.254.169.254', '::1', '10.0.0.1', 'fd00::1', '0.0.0.0']
const before = sent()
const outcomes: string[] = []
for (const url of urls) outcomes.push(await outcomeOf(nothingAllowed, url))
for (const address of rebinding) {
  const settings = { ...nothingAllowed, resolve: () => Promise.resolve([address]) }
  outcomes.push(await outcomeOf(settings, 'http://rebound.example/'))
}
const after = sent()
// the counter counts: a place that is listed is connected to
const server = createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n')).listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0
const loopback = [parseAllowedPlace('127.0.0.0/8')].flatMap((place) => place ?? [])
const listed = await outcomeOf({ allowed: loopback, ownPorts: [] }, `http://127.0.0.1:${port}/`)
console.log(JSON.stringify({ before, after, outcomes, listed, control: sent() }))
process.exit(0)
