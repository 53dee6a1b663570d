import { setTimeout as sleep } from 'node:timers/promises'
import { createLog, runMain, stopAsked, tellParent } from '@gatehouse/compose'
import { composeWorker } from './compose.ts'
import { readConfig } from './config.ts'

/**
 * Who started us may be gone, and then we must be, within 5 s. A visit to a host that is cut off holds a claim, and is
 * made again. What is left of the time is for the end itself: on a busy machine that took more than a second.
 */
const closeMilliseconds = 2000

await runMain('worker', async () => {
  const config = await readConfig()
  const log = createLog('worker')
  const stopping = stopAsked(config.runtime.supervised)
  const worker = await composeWorker(config, log)
  log.info('working')
  tellParent('ready')
  await stopping
  log.info('stopping')
  await Promise.race([worker.close(), sleep(closeMilliseconds)])
  process.exit(0) // a library's stray timer shall not keep a stopped worker alive
})
