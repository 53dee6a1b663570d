import { setTimeout as sleep } from 'node:timers/promises'
import { runMain, stopAsked, tellParent, withSourcePlaces } from '@gatehouse/compose'
import { requestMarks } from '@gatehouse/kit/tracing'
import { pino } from 'pino'
import { composeWorker } from './compose.ts'
import { readConfig } from './config.ts'

/**
 * Who started us may be gone, and then we must be, within 5 s. A visit to a host that is cut off holds a claim, and is
 * made again. What is left of the time is for the end itself: on a busy machine that took more than a second.
 */
const closeMilliseconds = 2000

await runMain('worker', async () => {
  const config = await readConfig()
  const log = pino({
    name: 'worker',
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: requestMarks,
    serializers: { err: pino.stdSerializers.wrapErrorSerializer(withSourcePlaces) },
  })
  const stopping = stopAsked(config.runtime.supervised)
  const worker = await composeWorker(config, log)
  log.info('working')
  tellParent('ready')
  await stopping
  log.info('stopping')
  await Promise.race([worker.close(), sleep(closeMilliseconds)])
  process.exit(0) // a library's stray timer shall not keep a stopped worker alive
})
