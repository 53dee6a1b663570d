// Emergency access while processes die: every step of it, and whatever is killed with -9 while it is under way.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestHome } from '@gatehouse/testkit'
import { expect } from 'vitest'
import { rowsOf, until } from './database.ts'
import { outside, untilReady, type Answer, type Outside } from './outside.ts'

const emergencySteps = ['request', 'vote', 'quorum', 'activate', 'alert', 'use', 'revoke', 'expire'] as const
/** A kill falls into the call, or straight after its answer. */
const moments = ['during', 'after'] as const
const killedProcesses = ['gateway', 'worker', 'temporal', 'postgres'] as const

/** One place of the table: what dies at which step. */
export interface Cell {
  readonly step: (typeof emergencySteps)[number]
  readonly process: (typeof killedProcesses)[number]
  readonly moment: (typeof moments)[number]
}

/** Where it is played, and by whom. */
export interface Scene {
  readonly home: TestHome
  readonly base: string
  readonly asking: Outside
  readonly first: Outside
  readonly second: Outside
}

export const cells: readonly Cell[] = emergencySteps.flatMap((step) =>
  killedProcesses.flatMap((process) => moments.map((moment) => ({ step, process, moment }))),
)

/** A call is on its way for some milliseconds: the kill falls into it. */
const intoTheCallMs = 8
/** Until time is over where a session is to end by it. */
const leftMs = 3000
const backWithin = { timeout: 45_000, interval: 100 }

/** The whole way with one kill on it; answers what came of the step during which it fell. */
async function wayWithKill(scene: Scene, cell: Cell): Promise<string> {
  const way = new Way(scene, cell)
  const id = await way.ask()
  await way.vote(id, { by: scene.first, step: 'vote' })
  await way.vote(id, { by: scene.second, step: 'quorum' })
  const token = await way.activate(id)
  if (token !== null) await way.use(token)
  await way.end(id, token)
  return way.came
}

class Way {
  readonly #scene: Scene
  readonly #cell: Cell
  readonly #incident: string
  /** What came of the step during which something was killed. */
  came = 'never killed'

  constructor(scene: Scene, cell: Cell) {
    this.#scene = scene
    this.#cell = cell
    this.#incident = `INC-${cell.step}-${cell.process}-${cell.moment}`
  }

  /** Does a step; null: nobody was told that it is done. */
  async #step(step: Cell['step'], act: () => Promise<Answer>): Promise<Answer | null> {
    const { home, base } = this.#scene
    if (step !== this.#cell.step) return lasting(act)
    const before = home.dev().processes[this.#cell.process]
    const kill = (): boolean => process.kill(before, 'SIGKILL')
    const after = this.#cell.moment === 'after'
    const [answer] = await Promise.all([
      after ? lasting(act) : act().catch(() => null),
      after ? null : sleep(intoTheCallMs).then(kill),
    ])
    if (after) kill()
    const acknowledged = answer !== null && answer.status < 500 ? answer : null
    this.came = acknowledged === null ? 'no answer' : 'kept'
    await expect.poll(() => processOf(home, this.#cell.process), backWithin).not.toBe(before)
    await untilReady(base)
    return acknowledged
  }

  /** What was acknowledged is there, and nothing is there twice; what nobody heard of is asked for again. */
  async ask(): Promise<string> {
    const { asking } = this.#scene
    const ask = (): Promise<Answer> =>
      asking.mutate('breakGlass.request', {
        incident: this.#incident,
        severity: 'critical',
        workspace: 'default',
        actions: ['sshHost.list'],
        justification: `while a process dies: ${this.#incident}`,
      })
    const told = await this.#step('request', ask)
    if (told !== null) expect(told.status, JSON.stringify(told.body)).toBe(200)
    const { items } = (await lasting(() => asking.query('breakGlass.list', { first: 20 }))).data
    // fixed by the interface
    const mine = (items as { id: string; incident: string }[]).filter(({ incident }) => incident === this.#incident)
    expect(mine.length).toBeLessThanOrEqual(1)
    if (told !== null) expect(mine.map(({ id }) => id)).toEqual([told.data['id']])
    return mine[0]?.id ?? String((await lasting(ask)).data['id'])
  }

  async vote(id: string, { by, step }: { readonly by: Outside; readonly step: 'vote' | 'quorum' }): Promise<void> {
    const { hash } = await this.#read(id)
    const voter = (await lasting(() => by.query('auth.whoami'))).data['id']
    const vote = (): Promise<Answer> => by.mutate('breakGlass.approve', { id, hash })
    const votes = async (): Promise<number> =>
      (await this.#read(id)).approvals.filter(({ principalId }) => principalId === voter).length
    const told = await this.#step(step, vote)
    if (told !== null) expect([told.status, await votes()], JSON.stringify(told.body)).toEqual([200, 1])
    else if ((await votes()) === 0) await lasting(vote)
    expect(await votes()).toBe(1)
  }

  /** Its token; null: it died with its answer. There is never a second session. */
  async activate(id: string): Promise<string | null> {
    const { asking } = this.#scene
    expect((await this.#read(id)).state).toBe('approved')
    const activate = (): Promise<Answer> => asking.mutate('breakGlass.activate', { id })
    const told = await this.#step('activate', activate)
    const again = await lasting(activate)
    const { session } = await this.#read(id)
    if (told !== null || again.status !== 200) expect(again.code).toBe('conflict')
    expect(await this.#rows(`select 1 from emergency_session where request_id = '${id}'`)).toBe(1)
    // an alert is on its way once what raised it has been answered
    if (this.#cell.step === 'alert') await this.#step('alert', () => asking.query('breakGlass.get', { id }))
    const alerts = `select 1 from alert where kind = 'break-glass-created' and about_id = '${session ?? ''}'`
    expect(await this.#rows(alerts)).toBe(1)
    const token = (told ?? again).data['accessToken']
    if (typeof token === 'string') return token
    this.came = 'token lost, session kept'
    return null
  }

  async use(token: string): Promise<void> {
    const use = (): Promise<Answer> => outside(this.#scene.base, token).query('sshHost.list')
    await this.#step('use', use)
    expect((await lasting(use)).status).toBe(200)
  }

  /** Ends it by hand, or by its time; then nobody does anything by it, and every view of it says that it is over. */
  async end(id: string, token: string | null): Promise<void> {
    const { session } = await this.#read(id)
    const byTime = this.#cell.step === 'expire'
    if (byTime) await this.#runOut(String(session))
    else {
      const revoke = (): Promise<Answer> =>
        this.#scene.first.mutate('emergencySession.revoke', { id: session, reason: 'it is over' })
      if ((await this.#step('revoke', revoke)) === null) await lasting(revoke)
    }
    const use = (): Promise<Answer> => outside(this.#scene.base, token ?? 'none').query('sshHost.list')
    expect((await lasting(use)).code).toBe('unauthenticated')
    await expect.poll(async () => (await this.#read(id)).state, { timeout: 20_000, interval: 250 }).toBe('ended')
    const shown = (await lasting(() => this.#scene.first.query('emergencySession.get', { id: session }))).data
    expect([shown['state'], shown['endedBy']]).toEqual(['ended', byTime ? 'expired' : 'revoked'])
  }

  /** Lets nearly all of its time have passed, and the rest pass while something is killed. */
  async #runOut(session: string): Promise<void> {
    const nearlyAll = `passed_ms = duration_seconds * 1000 - ${leftMs}`
    expect(await this.#rows(`update emergency_session set ${nearlyAll} where id = '${session}' returning 1`)).toBe(1)
    const over = sleep(leftMs)
    await this.#step('expire', () => this.#scene.first.query('emergencySession.get', { id: session }))
    await over
  }

  async #read(id: string): Promise<Read> {
    const answer = await lasting(() => this.#scene.first.query('breakGlass.get', { id }))
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return answer.data as unknown as Read // fixed by the interface
  }

  #rows(statement: string): Promise<number> {
    return rowsOf(this.#scene.home.dev().database.adminUrl, statement).then(({ length }) => length)
  }
}

interface Read {
  readonly state: string
  readonly hash: string
  readonly session: string | null
  readonly approvals: readonly { readonly principalId: string }[]
}

/** Null while nobody says which it is. */
const processOf = (home: TestHome, name: Cell['process']): number | null => {
  try {
    return home.dev().processes[name]
  } catch {
    return null
  }
}

/** Does it again until somebody answers: what a person does whose page says that the server is away. */
async function lasting(act: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | null = null
  await until(async () => {
    answer = await act().catch(() => null)
    return answer !== null && answer.status < 500
  }, 'nobody answers')
  return answer ?? expect.fail('nobody answers')
}

const placeOf = ({ step, process, moment }: Cell): string => `${step} ${process} ${moment}`

/** What came of each place that was played, by its name. */
export async function playAll(scene: Scene, some: readonly Cell[]): Promise<ReadonlyMap<string, string>> {
  const came = new Map<string, string>()
  for (const cell of some) came.set(placeOf(cell), await wayWithKill(scene, cell))
  return came
}

/** Steps by processes, as people read it: killed during a call, and straight after its answer. */
export function tableOf(came: ReadonlyMap<string, string>): string {
  const row = (columns: readonly string[]): string => `| ${columns.map((text) => text.padEnd(24)).join(' | ')} |`
  const cellOf = (step: Cell['step'], process: Cell['process']): string =>
    moments.map((moment) => came.get(placeOf({ step, process, moment })) ?? 'not played').join(' / ')
  return [
    row(['kill -9 during / after', ...killedProcesses]),
    ...emergencySteps.map((step) => row([step, ...killedProcesses.map((name) => cellOf(step, name))])),
  ].join('\n')
}
