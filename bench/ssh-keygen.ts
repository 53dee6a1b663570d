import { spawnSync } from 'node:child_process'

/** Installs the peer of the certificate bench on a bare Debian; elsewhere says what is missing. */
export async function ensureSshKeygen(say: (line: string) => void): Promise<void> {
  if (isThere()) return
  if (process.getuid?.() === 0) {
    say('installing openssh-client …')
    const command = 'apt-get update && apt-get install --yes --no-install-recommends openssh-client'
    spawnSync('/bin/sh', ['-c', command], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
  await Promise.resolve()
  if (!isThere()) throw new TypeError('the ssh bench compares with `ssh-keygen`, which is not installed')
}

/** It knows no option `--version`, but it starts. */
const isThere = (): boolean => spawnSync('ssh-keygen', ['-?']).error === undefined
