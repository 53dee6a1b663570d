import { inject } from 'vitest'
import type { MotoFacts } from './moto.ts'
import type { OpenBaoFacts } from './openbao.ts'
import { ServerSetupError } from './server-setup-error.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for servers that keep keys; each is started when the first one does. */
    readonly gatehouseKeyServers: string
  }
}

/** The run's own OpenBao. Others use it too: names of keys are a test's own. */
export const openBaoFacts = (): Promise<OpenBaoFacts> => ask<OpenBaoFacts>('openbao')

/** The run's own moto. */
export const motoFacts = (): Promise<MotoFacts> => ask<MotoFacts>('moto')

const ask = async <T>(name: string): Promise<T> => {
  const answer = await fetch(`${inject('gatehouseKeyServers')}/${name}`)
  if (!answer.ok) throw new ServerSetupError(`the tests' ${name} did not start: ${await answer.text()}`)
  return (await answer.json()) as T // our own set-up wrote it
}
