import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** A program the tests need from the system, and the Debian package it comes in. */
interface SystemProgram {
  readonly packageName: string
  readonly places: readonly string[]
}

// A test asks sshd, a browser, an independent TOTP implementation, shells, a keyring and git whether we are right, not
// ourselves.
const PROGRAMS: readonly SystemProgram[] = [
  { packageName: 'openssh-server', places: ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'] },
  { packageName: 'openssh-client', places: ['/usr/bin/ssh-keygen', '/opt/homebrew/bin/ssh-keygen'] },
  {
    packageName: 'chromium-headless-shell',
    places: [
      '/usr/bin/chromium-headless-shell',
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Chromium.app',
      '/Applications/Google Chrome.app',
    ],
  },
  // programs that bring their own ssh
  { packageName: 'git', places: ['/usr/bin/git', '/opt/homebrew/bin/git', '/usr/local/bin/git'] },
  { packageName: 'rsync', places: ['/usr/bin/rsync', '/opt/homebrew/bin/rsync', '/usr/local/bin/rsync'] },
  // keys in a module of hardware: the module, and a tool of others that makes keys in it
  {
    packageName: 'softhsm2',
    places: ['/usr/bin/softhsm2-util', '/opt/homebrew/bin/softhsm2-util', '/usr/local/bin/softhsm2-util'],
  },
  {
    packageName: 'opensc',
    places: ['/usr/bin/pkcs11-tool', '/opt/homebrew/bin/pkcs11-tool', '/usr/local/bin/pkcs11-tool'],
  },
  { packageName: 'oathtool', places: ['/usr/bin/oathtool', '/opt/homebrew/bin/oathtool', '/usr/local/bin/oathtool'] },
  { packageName: 'fish', places: ['/usr/bin/fish', '/opt/homebrew/bin/fish', '/usr/local/bin/fish'] },
  { packageName: 'zsh', places: ['/usr/bin/zsh', '/bin/zsh', '/opt/homebrew/bin/zsh'] },
  // macOS has a keychain instead, and nothing that watches every write of a program and its children
  ...(process.platform === 'linux'
    ? [
        { packageName: 'strace', places: ['/usr/bin/strace'] },
        { packageName: 'dbus-daemon', places: ['/usr/bin/dbus-daemon'] },
        { packageName: 'gnome-keyring', places: ['/usr/bin/gnome-keyring-daemon'] },
      ]
    : []),
]

const PROGRESS_MS = 10_000
const SERVICE_POLICY = '/usr/sbin/policy-rc.d'

/** Something the tests need is missing and could not be installed; the message names the command. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError'
}

/** Installs what is missing when we are root on a Debian; elsewhere says what to run. */
export const ensureSystemPackages = async (say: (line: string) => void): Promise<void> => {
  const missing = PROGRAMS.filter(
    ({ places, packageName }) =>
      !places.some((place) => existsSync(place)) && !(packageName === 'chromium' && process.env.GATEHOUSE_CHROMIUM),
  ).map(({ packageName }) => packageName)
  if (missing.length === 0) return
  const command = `apt-get update && apt-get install --yes --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new MissingProgramError(
      `the tests need ${missing.join(', ')}: run \`sudo sh -c '${command}'\`, or what does the same on this system`,
    )
  }
  say(`installing ${missing.join(', ')} …`)
  const started = performance.now()
  const ticker = setInterval(
    () => say(`still installing, ${Math.round((performance.now() - started) / 1000)} s …`),
    PROGRESS_MS,
  )
  try {
    await withoutServices(() => run(command))
  } finally {
    clearInterval(ticker)
  }
  say(`installed in ${Math.round((performance.now() - started) / 1000)} s`)
}

// Debian starts a server as soon as it is installed. Nobody who runs tests wants to be reachable by ssh from then on.
const withoutServices = async (work: () => Promise<void>): Promise<void> => {
  const ours = !existsSync(SERVICE_POLICY)
  if (ours) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await work()
  } finally {
    if (ours) rmSync(SERVICE_POLICY, { force: true })
  }
}

const run = (command: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new MissingProgramError(`\`${command}\` failed:\n${output.trim().split('\n').slice(-10).join('\n')}`)),
    )
  })
