import { inject } from 'vitest'
import { prepareHome, startHome, type HomeOptions, type TestHome } from './home.ts'
import { ServerSetupError } from './server-setup-error.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the state directory that others are copies of, which is made when the first one does. */
    readonly gatehouseHome: string
  }
}

/** As `prepareHome`, of a system that was started and stopped once: its tables, keys and people are there. */
export const prepareSeededHome = async (options: HomeOptions = {}): Promise<TestHome> =>
  prepareHome({ ...options, copyOf: await seededDirectory() })

/** As `startHome`, without what only a first start does. */
export const startSeededHome = async (options: HomeOptions = {}): Promise<TestHome> =>
  startHome({ ...options, copyOf: await seededDirectory() })

const seededDirectory = async (): Promise<string> => {
  const answer = await fetch(inject('gatehouseHome'))
  if (!answer.ok) throw new ServerSetupError(`the tests' first system did not start: ${await answer.text()}`)
  return ((await answer.json()) as { readonly directory: string }).directory // our own set-up wrote it
}
