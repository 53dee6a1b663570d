import { setTimeout as sleep } from 'node:timers/promises'
import { endProcess } from '@gatehouse/testkit/servers'
import type { Board } from './board.ts'
import type { Running, Service } from './child.ts'
import { tailOf } from './home.ts'
import { STOP_PLANS } from './leftovers.ts'
import { judge } from './restart-policy.ts'
import type { Death } from './restart-policy.ts'
import { StartError } from './settings.ts'

/** What keeping needs to know and whom to tell. */
export interface Keeping {
  readonly board: Board
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  /** Called in the turn in which a child was spawned. */
  readonly onSpawn: (service: Service, running: Running) => void
  readonly onUp: (service: Service, times: number) => void
}

const TAIL_LINES = 12

/** Keeps a service running until the signal; rejects when it dies too often, or cannot be started at all. */
export const keep = async (service: Service, keeping: Keeping): Promise<void> => {
  const deaths: Death[] = []
  for (;;) {
    await keeping.board.allUp(service.needs, keeping.signal)
    const death = await runOnce(service, keeping, deaths.length)
    keeping.signal.throwIfAborted()
    deaths.push({ atMs: performance.now(), causedByDependency: keeping.board.faltered(service.needs) })
    const verdict = judge(deaths)
    if (verdict.kind === 'give up')
      throw new StartError(
        `${service.name} died ${verdict.deaths} times within a minute, the last time: ` +
          `${death.how}${quoted(death.lastWords)}`,
      )
    keeping.say(`${service.name} ended (${death.how}), starting it again${death.wasUp ? '' : quoted(death.lastWords)}`)
    await sleep(verdict.delayMs, undefined, { signal: keeping.signal })
  }
}

interface Ending {
  readonly how: string
  readonly wasUp: boolean
  readonly lastWords: string
}

const runOnce = async (service: Service, keeping: Keeping, times: number): Promise<Ending> => {
  await service.prepare()
  keeping.signal.throwIfAborted()
  const running = service.spawn()
  keeping.board.started(service.name, running)
  keeping.onSpawn(service, running)
  const failure = await becomeReady(running)
  if (failure === null) {
    keeping.board.up(service.name)
    keeping.onUp(service, times)
  } else {
    await endProcess(running.identity, STOP_PLANS[service.name])
  }
  const how = failure ?? (await untilOver(running))
  await running.ended
  keeping.board.down(service.name)
  return { how, wasUp: failure === null, lastWords: tailOf(running.log, TAIL_LINES) }
}

/** A process whose event loop stands still hears no signal that it could answer to: it is killed. */
const untilOver = async (running: Running): Promise<string> => {
  const silence = running.silent?.().catch(() => null) // it ended, which is what is waited for
  const silent = silence === undefined ? null : await Promise.race([silence, running.ended.then(() => null)])
  if (silent === null) return running.ended
  await endProcess(running.identity, [{ signal: 'SIGKILL', waitMs: killMs }])
  return silent
}

/** The kernel ends it at once; a machine that swaps takes a moment. */
const killMs = 5000

const becomeReady = (running: Running): Promise<string | null> =>
  Promise.race([
    // Whichever comes second finds nobody listening, so a rejection is turned into a value first.
    running.ready.then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
    running.ended,
  ])

const quoted = (text: string): string => (text === '' ? '' : `\n${text.replace(/^/gm, '  | ')}`)
