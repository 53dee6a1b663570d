import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Server } from './find-server.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

const RememberedCheckpoint = z.object({
  size: z.int(),
  root: z.string(),
  checkpoint: z.string(),
  publicKey: z.string(),
  at: z.iso.datetime(),
})

/** A checkpoint that was verified here once: the audit log may only have grown since. */
export type RememberedCheckpoint = z.output<typeof RememberedCheckpoint>

const CheckpointsFile = z.object({ server: z.string(), checkpoints: z.array(RememberedCheckpoint) })

/** Older ones add nothing: the newest one commits to all before it. A few are kept for people who look. */
const CHECKPOINTS_MAX = 50

const pathOf = (configHome: string, { account }: Server): string => join(configHome, 'checkpoints', `${account}.json`)

/** The newest checkpoint that this machine remembers of a server; null at the first time. */
export const newestCheckpoint = async (configHome: string, server: Server): Promise<RememberedCheckpoint | null> =>
  (await readAll(configHome, server)).at(-1) ?? null

/** Remembers a checkpoint, unless it is the one that we have. */
export const rememberCheckpoint = async (
  configHome: string,
  server: Server,
  checkpoint: RememberedCheckpoint,
): Promise<void> => {
  const known = await readAll(configHome, server)
  if (known.at(-1)?.checkpoint === checkpoint.checkpoint) return
  await writePrivateFile(pathOf(configHome, server), {
    server: server.url,
    checkpoints: [...known, checkpoint].slice(-CHECKPOINTS_MAX),
  })
}

/** Starts over, where a person knows why the audit log is another one. */
export const forgetCheckpoints = (configHome: string, server: Server): Promise<void> =>
  rm(pathOf(configHome, server), { force: true })

const readAll = async (configHome: string, server: Server): Promise<readonly RememberedCheckpoint[]> => {
  const file = await readPrivateFile(pathOf(configHome, server), CheckpointsFile)
  return file?.server === server.url ? file.checkpoints : []
}
