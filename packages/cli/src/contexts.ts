import { join } from 'node:path'
import { z } from 'zod'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** A context's name is part of a file name. */
export const ContextName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'lower-case letters, digits, ., - and _')

const ContextsFile = z.object({
  current: ContextName.nullable(),
  contexts: z.record(ContextName, z.object({ url: z.url() })),
})

/** Servers and accounts by name, and which one is meant when nothing is said. */
export type Contexts = z.output<typeof ContextsFile>

const pathOf = (configHome: string): string => join(configHome, 'contexts.json')

/** The contexts of this person; none when nothing was ever added. */
export const readContexts = async (configHome: string): Promise<Contexts> =>
  (await readPrivateFile(pathOf(configHome), ContextsFile)) ?? { current: null, contexts: {} }

/** Keeps the contexts. */
export const writeContexts = (configHome: string, contexts: Contexts): Promise<void> =>
  writePrivateFile(pathOf(configHome), contexts)
