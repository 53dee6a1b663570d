import { spawn } from 'node:child_process'
import type { CliConfig } from './config.ts'
import { parseUrl } from './parse-url.ts'

/**
 * Opens an address in the person's browser; answers whether one was started. It is never needed: the address is always
 * shown too.
 */
export const openBrowser = (url: string, environment: CliConfig['environment']): Promise<boolean> => {
  const opener = openerOf(url, environment)
  if (opener === null) return Promise.resolve(false)
  return new Promise((resolve) => {
    const child = spawn(opener.program, opener.words, { detached: true, stdio: 'ignore' })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref() // a browser outlives us
      resolve(true)
    })
  })
}

interface Opener {
  readonly program: string
  readonly words: readonly string[]
}

/** The address comes from a server: what is no web address starts nothing here. No shell reads it. */
const openerOf = (url: string, environment: CliConfig['environment']): Opener | null => {
  const parsed = parseUrl(url)
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) return null
  if (process.platform === 'darwin') return { program: 'open', words: [parsed.href] }
  if (process.platform === 'win32') return { program: 'rundll32', words: ['url.dll,FileProtocolHandler', parsed.href] }
  const hasScreen = Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY'])
  return hasScreen ? { program: 'xdg-open', words: [parsed.href] } : null
}
