import { spawnSync } from 'node:child_process'

/** A program that a bench compares with. */
interface PeerProgram {
  readonly name: string
  /** What it is asked to show that it is there. */
  readonly argument: string
  readonly debianPackage: string
}

const sshKeygen: PeerProgram = { name: 'ssh-keygen', argument: '-?', debianPackage: 'openssh-client' }
const openssl: PeerProgram = { name: 'openssl', argument: 'version', debianPackage: 'openssl' }

/** Programs of others that benches compare with. */
export const peerPrograms = { sshKeygen, openssl } as const

/** Installs a peer on a bare Debian; elsewhere says what is missing. */
export function ensurePeer({ name, argument, debianPackage }: PeerProgram, say: (line: string) => void): void {
  const isThere = (): boolean => spawnSync(name, [argument]).error === undefined
  if (isThere()) return
  if (process.getuid?.() === 0) {
    say(`installing ${debianPackage} …`)
    const command = `apt-get update && apt-get install --yes --no-install-recommends ${debianPackage}`
    spawnSync('/bin/sh', ['-c', command], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
  if (!isThere()) throw new TypeError(`this bench compares with \`${name}\`, which is not installed`)
}
