import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'

const web = fileURLToPath(new URL('../../apps/web', import.meta.url))

/** The gallery as a built page, and the way to end it. */
export interface ServedGallery {
  readonly origin: string
  readonly stop: () => Promise<void>
}

/** Builds the control center with its gallery, which the real build leaves out, and serves it on a port of its own. */
export async function serveGallery(): Promise<ServedGallery> {
  const outDir = await mkdtemp(join(tmpdir(), 'gatehouse-gallery-'))
  const options = { root: web, configFile: join(web, 'vite.config.ts'), mode: 'gallery', logLevel: 'error' } as const
  await build({ ...options, build: { outDir } })
  const server = await preview({ ...options, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
  const stop = async (): Promise<void> => {
    await server.close()
    await rm(outDir, { recursive: true, force: true })
  }
  return { origin: (server.resolvedUrls?.local[0] ?? '').replace(/\/$/, ''), stop }
}
