import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  authorityOf,
  certificateKeyId,
  formatPublicKey,
  generateEd25519,
  parseUserPublicKey,
  randomSerial,
  signUserCertificate,
} from '@gatehouse/ssh/wire'
import { compare, readable, type Row } from './row.ts'

const run = promisify(execFile)

const leaseId = '01980000-0000-7000-8000-000000000001'

/** Certificates per round; a process per certificate on the other side makes rounds long. */
const timesOurs = 40
/** Made before it is timed: a gateway signs with code that has run before, and 40 in a round never get there. */
const warmTimes = 2000

/**
 * Signs a user certificate with the same contents here and by `ssh-keygen -s`, its process included: that is what
 * signing by it costs.
 */
export async function sshBench(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const caPath = join(directory, 'ca')
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', caPath])
    const [ca, user] = [await generateEd25519('ca'), await generateEd25519('olga')]
    const line = formatPublicKey(user.publicKey)
    await writeFile(join(directory, 'user.pub'), `${line}\n`)
    const authority = authorityOf(ca.privateKey)
    const ours = async (times: number): Promise<void> => {
      for (let at = 0; at < times; at += 1) {
        const now = new Date()
        await signUserCertificate(
          {
            key: parseUserPublicKey(line),
            serial: randomSerial(),
            keyId: certificateKeyId({ leaseId, principal: 'olga', purpose: 'deploy' }),
            sshPrincipals: ['deploy'],
            sourceAddresses: ['10.0.0.0/8'],
            extensions: ['permit-pty'],
            now,
            validBefore: new Date(now.getTime() + 900_000),
          },
          authority,
        )
      }
    }
    const keygen = async (times: number): Promise<void> => {
      const options = [
        '-q',
        '-s',
        caPath,
        '-I',
        'lease=1 user=olga purpose=deploy',
        '-n',
        'deploy',
        '-V',
        '-1m:+15m',
        '-O',
        'clear',
        '-O',
        'source-address=10.0.0.0/8',
        '-O',
        'permit-pty',
      ]
      for (let at = 0; at < times; at += 1)
        await run('ssh-keygen', [...options, '-z', String(randomSerial()), join(directory, 'user.pub')])
    }
    await ours(warmTimes)
    const { oursMicroseconds, peerMicroseconds, ratio } = await compare(
      { name: 'ours', run: ours },
      { name: 'ssh-keygen -s', run: keygen },
      timesOurs,
    )
    return [
      {
        id: 'ssh.certificate',
        what: 'an SSH user certificate',
        ours: readable(oursMicroseconds),
        peer: `${readable(peerMicroseconds)} (ssh-keygen -s)`,
        ratio,
        reads: 'time of ours in units of ssh-keygen -s with its process; below 1 is faster',
      },
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}
