import { join } from 'node:path'
import { z } from 'zod'
import type { CliConfig } from './config.ts'
import type { Server } from './find-server.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

const DeviceFile = z.object({ server: z.string(), deviceToken: z.string().min(1) })

/**
 * By what the server knows this machine again: shown at log-in, it keeps the guesses of strangers apart from its
 * owner's. It proves nothing, and stays after log-out.
 */
export interface KnownDevice {
  readonly read: () => Promise<string | null>
  readonly write: (deviceToken: string) => Promise<void>
}

/** What this machine is known by for one account. Nothing that goes wrong with it stands in the way of a log-in. */
export const openKnownDevice = (
  { configHome }: Pick<CliConfig, 'configHome'>,
  { url, account }: Server,
): KnownDevice => {
  const path = join(configHome, 'devices', `${account}.json`)
  return {
    read: async () => {
      const file = await readPrivateFile(path, DeviceFile).catch(() => null)
      return file?.server === url ? file.deviceToken : null
    },
    write: (deviceToken) => writePrivateFile(path, { server: url, deviceToken }).catch(() => {}),
  }
}
