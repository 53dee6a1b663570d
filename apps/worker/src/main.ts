import { runMain, stopAsked, tellParent } from '@gatehouse/compose'
import { pino } from 'pino'
import { composeWorker } from './compose.ts'
import { readConfig } from './config.ts'

await runMain('worker', async () => {
  const config = readConfig()
  const log = pino({ name: 'worker', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime })
  const stopping = stopAsked(config.runtime.supervised)
  const worker = await composeWorker(config, log)
  log.info('working')
  tellParent('ready')
  await stopping
  log.info('stopping')
  await worker.close()
  process.exit(0) // a library's stray timer shall not keep a stopped worker alive
})
