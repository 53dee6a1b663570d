import { existsSync } from 'node:fs'
import { ServerSetupError } from './server-setup-error.ts'

const PLACES = [
  // the same engine without a browser's own windows: a third less to compute for the same pages
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Finds the browser of the browser tests: GATEHOUSE_CHROMIUM, else the system's own. */
export const chromiumPath = (): string => {
  const found = process.env.GATEHOUSE_CHROMIUM ?? PLACES.find((path) => existsSync(path))
  if (found === undefined)
    throw new ServerSetupError(
      'there is no Chromium on this machine: run `apt-get install chromium`, or name one in GATEHOUSE_CHROMIUM',
    )
  return found
}

/**
 * Flags under which it runs without a display; as root its own sandbox refuses to. A test's page runs each of its lines
 * a few times: compiling them well took a tenth of the processor time of a browser.
 */
export const chromiumFlags = (): readonly string[] => [
  '--js-flags=--no-turbofan --no-maglev',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]
