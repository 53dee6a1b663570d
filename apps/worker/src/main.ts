import { ConfigError } from '@gatehouse/config'
import { pino } from 'pino'
import { composeWorker } from './compose.ts'
import { readConfig } from './config.ts'

const nodeMajorNeeded = 24

async function main(): Promise<void> {
  // older V8s can die under load in the policy engine's WebAssembly, uncatchably
  if (Number(process.versions.node.split('.')[0]) < nodeMajorNeeded) throw new ConfigError(`Node ${nodeMajorNeeded} is needed; this is ${process.versions.node}`)
  const config = readConfig()
  const log = pino({ name: 'worker', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime })
  const stopping = stopAsked(config.runtime.supervised)
  const worker = await composeWorker(config, log)
  log.info('working')
  process.send?.({ type: 'ready' })
  await stopping
  log.info('stopping')
  await worker.close()
  process.exit(0) // a library's stray timer shall not keep a stopped worker alive
}

/** A signal, or, under a supervisor, the end of standard input: whoever started us is gone. */
function stopAsked(supervised: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    if (!supervised) return
    process.stdin.on('end', () => resolve()).on('close', () => resolve()).on('error', () => resolve())
    process.stdin.resume()
  })
}

try {
  await main()
} catch (error) {
  const lines = [error instanceof Error ? error.message : String(error)]
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause) lines.push(`because: ${cause.message}`)
  process.stderr.write(`worker: ${lines.join('\n  ')}\n`)
  process.exit(1)
}
